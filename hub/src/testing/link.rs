//! A network cable between a client and the hub, which a test can pull out and plug in again.
//!
//! What a browser offers for going offline covers the page and not its service worker, and never the
//! socket that is already open. A cable covers everything.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

/// A loopback address that passes everything on to another one, for as long as the cable is in.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    cable: Cable,
    open: Vec<TcpStream>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Cable {
    #[default]
    In,
    Out,
    /// Bytes go in and none come out, as with a wireless network at the end of the garden.
    Dead,
}

impl Link {
    /// A cable to `hub`.
    pub fn to(hub: SocketAddr) -> Link {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A hub that is down is, to the client, a connection that closes at once.
                let _ = join(client, hub, &shared);
            }
        });
        Link { address, state }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every connection breaks, and new ones close as soon as they are made.
    pub fn pull(&self) {
        self.set(Cable::Out);
    }

    /// Connections are made and nothing ever comes back over them; open ones break first.
    pub fn deaden(&self) {
        self.set(Cable::Dead);
    }

    /// Connections work again. Those made over a dead link break, as they do when it recovers late.
    pub fn plug_in(&self) {
        self.set(Cable::In);
    }

    fn set(&self, cable: Cable) {
        let mut state = lock(&self.state);
        state.cable = cable;
        for stream in state.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn join(client: TcpStream, hub: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    let mut state = lock(state);
    match state.cable {
        Cable::Out => return client.shutdown(Shutdown::Both),
        Cable::Dead => {
            state.open.push(client);
            return Ok(());
        }
        Cable::In => {}
    }
    let server = TcpStream::connect(hub)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    state.open.extend([client.try_clone()?, server.try_clone()?]);
    pump(client.try_clone()?, server.try_clone()?);
    pump(server, client);
    Ok(())
}

/// Carries bytes one way on a thread of its own, and the end of them too.
fn pump(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
        let _ = from.shutdown(Shutdown::Read);
    });
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::time::Duration;

    use super::*;

    /// Sends one letter and reads one back.
    fn echo(stream: &mut TcpStream) -> io::Result<u8> {
        stream.set_read_timeout(Some(Duration::from_millis(200)))?;
        stream.write_all(b"x")?;
        let mut answer = [0];
        stream.read_exact(&mut answer)?;
        Ok(answer[0])
    }

    #[test]
    fn carries_breaks_and_carries_again() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let link = Link::to(server.local_addr().unwrap());
        thread::spawn(move || {
            for stream in server.incoming().flatten() {
                thread::spawn(move || io::copy(&mut &stream, &mut &stream));
            }
        });
        let dial = || TcpStream::connect(link.address()).unwrap();
        let mut first = dial();
        assert_eq!(echo(&mut first).unwrap(), b'x');

        link.pull();
        assert!(echo(&mut first).is_err());
        assert!(echo(&mut dial()).is_err());

        link.deaden();
        let mut silent = dial();
        let error = echo(&mut silent).unwrap_err();
        assert!(matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut), "{error}");

        link.plug_in();
        assert_eq!(echo(&mut dial()).unwrap(), b'x');
        assert!(echo(&mut silent).is_err());
    }
}
