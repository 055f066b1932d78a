//! The name in the local network, asked for with real multicast on this machine's own interface.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::mpsc;
use std::time::Duration;

use mdns_sd::{IfKind, ServiceDaemon, ServiceEvent, ServiceInfo};
use tokio::net::UdpSocket;

use crate::reach::announce::{Announcement, SERVICE, Where};
use crate::testing::hub::run;

fn announcement(name: &str) -> Announcement {
    Announcement { name: name.to_owned(), port: 8443, tls: "household", authority: Some("ab".repeat(32)) }
}

/// A name that nobody else in this network has, and no other test.
fn unique(what: &str) -> String {
    format!("{what}-{}", crate::auth::hex(&crate::clock::random::<4>()))
}

/// Another program on this machine.
fn loopback() -> ServiceDaemon {
    let daemon = ServiceDaemon::new().unwrap();
    daemon.disable_interface(IfKind::All).unwrap();
    daemon.enable_interface(IfKind::LoopbackV4).unwrap();
    daemon
}

/// Asks with one packet, as any program does; the addresses in the answer.
async fn ask(name: &str) -> Vec<Ipv4Addr> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None).unwrap();
    socket.set_multicast_if_v4(&Ipv4Addr::LOCALHOST).unwrap();
    socket.set_multicast_loop_v4(true).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    socket.set_nonblocking(true).unwrap();
    let socket = UdpSocket::from_std(socket.into()).unwrap();
    let mut question = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in [name, "local"] {
        question.push(u8::try_from(label.len()).unwrap());
        question.extend(label.as_bytes());
    }
    question.extend([0, 0, 1, 0, 1]);
    let group = SocketAddrV4::new(Ipv4Addr::new(224, 0, 0, 251), 5353);
    let mut answer = [0; 1500];
    for _ in 0..40 {
        socket.send_to(&question, group).await.unwrap();
        let heard = tokio::time::timeout(Duration::from_millis(500), socket.recv(&mut answer)).await;
        if let Ok(Ok(length)) = heard {
            return addresses(&answer[..length], name);
        }
    }
    Vec::new()
}

/// The addresses (records of type A, class IN) of `name` in an answer.
fn addresses(answer: &[u8], name: &str) -> Vec<Ipv4Addr> {
    assert!(String::from_utf8_lossy(answer).contains(name), "the answer is about {name}");
    let records = answer.windows(14).filter(|part| {
        let kind = u16::from_be_bytes([part[0], part[1]]);
        let class = u16::from_be_bytes([part[2], part[3]]) & 0x7FFF;
        let length = u16::from_be_bytes([part[8], part[9]]);
        (kind, class, length) == (1, 1, 4)
    });
    records.map(|part| Ipv4Addr::new(part[10], part[11], part[12], part[13])).collect()
}

#[test]
fn the_name_leads_to_this_machine_until_the_hub_stops() {
    run(async {
        let name = unique("hearth");
        let announced = announcement(&name).make(Where::Loopback, |_| {}).unwrap();
        assert_eq!(ask(&name).await, [Ipv4Addr::LOCALHOST]);
        announced.stop().await;
    });
}

#[test]
fn stations_find_the_hub_with_all_they_need() {
    run(async {
        let name = unique("hearth");
        let announced = announcement(&name).make(Where::Loopback, |_| {}).unwrap();
        let station = loopback();
        let found = station.browse(SERVICE).unwrap();
        let host = format!("{name}.local.");
        let service = tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                match found.recv_async().await.unwrap() {
                    ServiceEvent::ServiceResolved(service) if service.get_hostname() == host => {
                        break service;
                    }
                    _ => {}
                }
            }
        });
        let service = service.await.expect("the hub is found");
        assert_eq!(service.get_port(), 8443);
        let told = |key| service.get_property_val_str(key).unwrap_or_default().to_owned();
        assert_eq!(told("version"), env!("CARGO_PKG_VERSION"));
        assert_eq!((told("path").as_str(), told("tls").as_str()), ("/", "household"));
        assert_eq!(told("ca"), "ab".repeat(32));
        drop(station.shutdown());
        announced.stop().await;
    });
}

#[test]
fn a_name_that_somebody_else_has_is_changed_and_told() {
    run(async {
        let name = unique("hearth");
        // Another machine: the same name at another address.
        let (host, address) = (format!("{name}.local."), Ipv4Addr::new(127, 0, 0, 77));
        let nothing: &[(&str, &str)] = &[];
        let service = ServiceInfo::new("_other._tcp.local.", &name, &host, address.to_string(), 80, nothing);
        let other = loopback();
        other.register(service.unwrap()).unwrap();
        assert_eq!(ask(&name).await, [address]);

        let (tell, told) = mpsc::channel();
        let ours = announcement(&name).make(Where::Loopback, move |new| drop(tell.send(new))).unwrap();
        let new =
            tokio::task::spawn_blocking(move || told.recv_timeout(Duration::from_secs(20))).await.unwrap();
        let new = new.expect("the hub hears that the name is taken");
        assert_eq!(new, format!("{name}-2.local"));
        assert_eq!(ask(new.trim_end_matches(".local")).await, [Ipv4Addr::LOCALHOST]);
        ours.stop().await;
        drop(other.shutdown());
    });
}
