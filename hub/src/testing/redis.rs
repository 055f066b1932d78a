//! A Redis of one's own: loopback, empty, nothing kept on disk.
//!
//! One server for each call, not one for the process: publications know no database numbers, so two
//! tests on one server would hear each other. A start takes a few hundredths of a second.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use super::process::{Server, Signal, folder, free_port, within};
use super::require::{self, Part};

/// A throw-away Redis server.
#[derive(Debug)]
pub struct Redis {
    binary: PathBuf,
    home: PathBuf,
    port: u16,
    server: Mutex<Option<Server>>,
}

/// Starts a fresh server, or says that the test is skipped.
pub fn server() -> Option<Redis> {
    let binary = require::available(Part::Redis)?.path("redis-server").to_owned();
    let home = folder("redis");
    // Another process may take the port between the look and the start; then the next one is tried.
    for _ in 0..5 {
        let redis =
            Redis { binary: binary.clone(), home: home.clone(), port: free_port(), server: Mutex::default() };
        if redis.try_start().is_ok() {
            return Some(redis);
        }
    }
    panic!("redis did not start in five attempts")
}

impl Redis {
    /// The address for clients.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The server is gone, as after a crash: nothing is said to its clients, nothing is kept.
    pub fn stop(&self) {
        if let Some(server) = self.server.lock().expect("no start or stop panicked").take() {
            server.end(Signal::Kill);
        }
    }

    /// The server is back on the same port, empty.
    pub fn start(&self) {
        if let Err(words) = self.try_start() {
            panic!("redis did not come back: {words}");
        }
    }

    fn try_start(&self) -> Result<(), String> {
        let mut server = self.server.lock().expect("no start or stop panicked");
        if server.is_some() {
            return Ok(());
        }
        let fixed = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--set-proc-title", "no"];
        let mut args: Vec<String> = fixed.map(str::to_owned).into();
        args.extend(["--port".into(), self.port.to_string()]);
        args.extend(["--dir".into(), self.home.display().to_string()]);
        let log = self.home.join("log");
        let mut new = Server::start(&self.binary, &args, None, &log, Signal::Kill)
            .map_err(|error| error.to_string())?;
        let mut gone = false;
        let up = within(Duration::from_secs(10), || {
            gone = !new.runs();
            gone || answers(self.port) == Some(new.id())
        });
        if gone || !up {
            return Err(new.last_words());
        }
        *server = Some(new);
        Ok(())
    }
}

/// The process id of the server that answers on `port`: whoever answers may be somebody else's.
fn answers(port: u16) -> Option<u32> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    stream.write_all(b"INFO server\r\nQUIT\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.lines().find_map(|line| line.strip_prefix("process_id:")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_stops_and_comes_back_on_the_same_port() {
        let Some(redis) = server() else { return };
        let url = redis.url();
        assert!(answers(redis.port).is_some());
        redis.stop();
        redis.stop();
        assert!(answers(redis.port).is_none());
        redis.start();
        assert!(answers(redis.port).is_some());
        assert_eq!(redis.url(), url);
    }

    #[test]
    fn two_servers_are_two() {
        let (Some(one), Some(other)) = (server(), server()) else { return };
        assert_ne!(one.url(), other.url());
        one.stop();
        assert!(answers(other.port).is_some());
    }
}
