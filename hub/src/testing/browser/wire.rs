//! The WebDriver protocol: JSON over plain HTTP on loopback, so little of it that a client is a page.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use super::{Request, word};

/// One window, as the driver knows it.
#[derive(Debug)]
pub(super) struct Session {
    port: u16,
    id: String,
}

impl Session {
    pub(super) fn open(port: u16, wishes: &Value) -> Session {
        let opened = call(port, "POST", "/session", Some(wishes));
        let opened = opened.unwrap_or_else(|error| panic!("chromium did not start: {error}"));
        Session { port, id: word(&opened["sessionId"]) }
    }

    pub(super) fn close(&self) {
        let _ = call(self.port, "DELETE", &format!("/session/{}", self.id), None);
    }

    pub(super) fn get(&self, command: &str) -> Value {
        let path = format!("/session/{}/{command}", self.id);
        call(self.port, "GET", &path, None).unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    pub(super) fn post(&self, command: &str, body: &Value) -> Value {
        self.try_post(command, body).unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    pub(super) fn try_post(&self, command: &str, body: &Value) -> Result<Value, String> {
        call(self.port, "POST", &format!("/session/{}/{command}", self.id), Some(body))
    }
}

/// Whether a driver on `port` takes sessions.
pub(super) fn ready(port: u16) -> bool {
    call(port, "GET", "/status", None).is_ok_and(|status| status["ready"] == Value::Bool(true))
}

/// Puts the driver's record of network events together, a line for each request that came to an end.
pub(super) fn requests(log: &Value) -> Vec<Request> {
    let mut order: Vec<String> = Vec::new();
    let mut requests: HashMap<String, Request> = HashMap::new();
    for entry in log.as_array().unwrap_or(&Vec::new()) {
        let Ok(entry) = serde_json::from_str::<Value>(&word(&entry["message"])) else { continue };
        let (params, id) = (&entry["message"]["params"], word(&entry["message"]["params"]["requestId"]));
        match entry["message"]["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                let request = Request { url: word(&params["request"]["url"]), bytes: 0, head: 0 };
                if requests.insert(id.clone(), request).is_none() {
                    order.push(id);
                }
            }
            "Network.webSocketCreated" => {
                requests.insert(id.clone(), Request { url: word(&params["url"]), bytes: 0, head: 0 });
                order.push(id);
            }
            "Network.responseReceived" => {
                if let Some(request) = requests.get_mut(&id) {
                    request.head = count(&params["response"]["encodedDataLength"]);
                }
            }
            "Network.loadingFinished" => {
                if let Some(request) = requests.get_mut(&id) {
                    request.bytes = count(&params["encodedDataLength"]);
                }
            }
            _ => {}
        }
    }
    order.iter().filter_map(|id| requests.remove(id)).collect()
}

fn count(value: &Value) -> u64 {
    value.as_f64().unwrap_or_default() as u64
}

fn call(port: u16, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
    let (status, body) = exchange(port, method, path, body).map_err(|error| error.to_string())?;
    let mut answer: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    let value = answer["value"].take();
    if status == 200 {
        return Ok(value);
    }
    let message = word(&value["message"]);
    Err(format!("{}: {}", word(&value["error"]), message.lines().next().unwrap_or_default()))
}

/// One request, one answer, one connection.
fn exchange(port: u16, method: &str, path: &str, body: Option<&Value>) -> io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(90)))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes())?;
    let mut answer = BufReader::new(stream);
    let mut line = String::new();
    answer.read_line(&mut line)?;
    let malformed = || io::Error::other("the driver does not speak HTTP");
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(malformed)?;
    let mut length = 0;
    loop {
        line.clear();
        answer.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(|_| malformed())?;
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body)?;
    Ok((status, body))
}
