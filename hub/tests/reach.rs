//! The program over TLS: what it refuses at its start, what it warns of, and a certificate by ACME from an
//! authority that the machine trusts.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use hearth_hub::clock::Clock;
use hearth_hub::testing::acme::Authority;
use hearth_hub::testing::hub::{Client, run};
use hearth_hub::testing::process;
use hearth_hub::testing::program::{self, Program};
use hearth_hub::testing::secure::Visitor;

fn hub(data: &Path) -> Command {
    program::command(env!("CARGO_BIN_EXE_hearth-hub"), data)
}

fn address(program: &Program) -> SocketAddr {
    let url = program.url();
    let port = url.split(':').nth(2).and_then(|rest| rest.split('/').next()?.parse().ok());
    SocketAddr::from(([127, 0, 0, 1], port.expect("the line has a port")))
}

fn trusting(data: &Path) -> Visitor {
    let authority = fs::read_to_string(data.join("keys/authority.crt")).expect("an authority");
    Visitor::trusting(&authority, Clock::System.now())
}

#[test]
fn one_word_encrypts_the_house_and_a_restart_keeps_it_trusted() {
    let data = process::folder("tls");
    let start = || Program::start(hub(&data).args(["--tls", "household"]));
    let first = start();
    assert!(first.line.starts_with("Hearth is at https://127.0.0.1:"), "{}", first.line);
    run(async {
        let seen = trusting(&data).get(address(&first), "hearth.local", "/health").await.unwrap();
        assert_eq!(seen.status, 200);
    });
    // Containers and services ask on the machine itself, without a list of authorities.
    let listen = address(&first).to_string();
    let health = program::run(hub(&data).args(["health", "--tls", "household", "--listen", &listen]));
    assert_eq!(String::from_utf8_lossy(&health.stdout).trim(), r#"{"status":"ok"}"#);
    let before = trusting(&data);
    assert!(first.terminate().success());
    let second = start();
    run(async {
        assert_eq!(before.get(address(&second), "127.0.0.1", "/health").await.unwrap().status, 200);
    });
    let (code, said) = check(&data, &["--tls", "household"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("ok   the certificate fits its key and its names, and lasts"), "{said}");
}

/// `hearth-hub check`, and what it prints.
fn check(data: &Path, flags: &[&str]) -> (i32, String) {
    let output = program::run(hub(data).arg("check").args(flags));
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn listening_is_not_put_off_by_making_an_authority() {
    let data = process::folder("quick");
    let best = (0..3).map(|_| {
        let begun = Instant::now();
        drop(Program::start(hub(&data).args(["--tls", "household"])));
        begun.elapsed()
    });
    let best = best.min().unwrap();
    println!("from start to line: {best:?}");
    assert!(best < Duration::from_secs(3), "{best:?}");
}

#[test]
fn what_cannot_work_is_one_clear_line() {
    let data = process::folder("bad");
    let files = process::folder("bad-files");
    let refused =
        |flags: &[&str]| Program::try_start(hub(&data).args(flags)).err().expect("it does not start");
    let missing = files.join("c.pem").display().to_string();
    let said = refused(&["--tls-certificate", &missing, "--tls-key", &missing]);
    let line = format!("hearth-hub: HEARTH_TLS_CERTIFICATE: {missing} cannot be read: No such file");
    assert!(said.contains(&line), "{said}");
    fs::write(files.join("c.pem"), "Dear diary").unwrap();
    let said = refused(&["--tls-certificate", &missing, "--tls-key", &missing]);
    assert!(said.contains("c.pem holds no certificate in PEM."), "{said}");

    drop(Program::start(hub(&data).args(["--tls", "household"])));
    fs::write(data.join("keys/authority.key"), "Dear diary").unwrap();
    let said = refused(&["--tls", "household"]);
    assert!(
        said.contains("The house's authority cannot be used") && said.contains("authority.key"),
        "{said}"
    );
    let (code, said) = check(&data, &["--tls", "household"]);
    assert_eq!((code, said.contains("BAD  the certificate")), (1, true), "{said}");

    let output = program::run(hub(&data).args(["--listen", "0.0.0.0:0"]));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    for way in ["--tls household", "--trusted-proxies", "--allow-plain-http"] {
        assert!(said.contains(way), "{said}");
    }
}

#[test]
fn an_expired_certificate_is_served_and_said() {
    let data = process::folder("expired");
    let files = process::folder("expired-files");
    let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let (certificate, key_file) = (files.join("c.pem"), files.join("k.pem"));
    fs::write(&certificate, params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(&key_file, key.serialize_pem()).unwrap();
    let (certificate, key_file) = (certificate.display().to_string(), key_file.display().to_string());
    let flags = ["--tls-certificate", &certificate, "--tls-key", &key_file, "--hosts", "pi.example"];
    let program = Program::start(hub(&data).args(flags));
    run(async {
        let visitor = Visitor::trusting(&fs::read_to_string(&certificate).unwrap(), Clock::System.now());
        let error = visitor.get(address(&program), "localhost", "/health").await.unwrap_err();
        assert!(error.to_string().contains("expired"), "{error}");
    });
    let said = program.log();
    assert!(said.contains("the certificate is read, but it ended at 2021-01-01"), "{said}");
    assert!(said.contains("it is not for pi.example, only for localhost"), "{said}");
    let (code, said) = check(&data, &flags);
    assert_eq!((code, said.contains("it ended at 2021-01-01")), (1, true), "{said}");
}

#[test]
fn a_plain_door_on_a_port_of_its_own_leads_to_the_house() {
    let data = process::folder("door");
    let port = process::free_port();
    let door = format!("127.0.0.1:{port}");
    let program = Program::start(hub(&data).args(["--tls", "household", "--plain-door", &door]));
    let secure = address(&program);
    run(async {
        let plain = Client::at(&format!("http://{door}"));
        let led = plain.get("/").await;
        assert_eq!((led.status, led.header("location").as_str()), (307, "/app/trust?to=/"));
        let reach = plain.get("/api/reach").await.is(200);
        assert_eq!(reach["secure_url"], format!("https://127.0.0.1:{}", secure.port()));
        assert_eq!(plain.get("/trust/hearth.mobileconfig").await.status, 200);
        plain.get("/api/house").await.is_problem(403, "plain-http");
    });
    assert!(program.terminate().success());
}

#[test]
fn a_certificate_by_acme_from_an_authority_that_the_machine_trusts() {
    let data = process::folder("acme-program");
    run(async {
        let authority = Authority::start(Clock::System.now(), Duration::from_secs(90 * 24 * 3600)).await;
        let (trusted, root) = authority.root();
        let port = process::free_port();
        let hub_at = SocketAddr::from(([127, 0, 0, 1], port));
        authority.names_lead_to(hub_at);
        let directory = authority.directory();
        let flags = ["--acme-domain", "kitchen.example", "--acme-directory", &directory];
        let mut command = hub(&data);
        command.args(flags).env("HEARTH_LISTEN", hub_at.to_string()).env("SSL_CERT_FILE", &root);
        let program = Program::start(&mut command);
        assert!(program.line.contains(&format!("https://kitchen.example:{port}")), "{}", program.line);
        let visitor = Visitor::trusting(&trusted, Clock::System.now());
        let patience = Instant::now() + Duration::from_secs(30);
        let seen = loop {
            match visitor.get(hub_at, "kitchen.example", "/health").await {
                Ok(seen) => break seen,
                Err(error) => assert!(Instant::now() < patience, "{error}: {:?}", authority.requests()),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(seen.status, 200);
        // Every browser believes this one, so it comes back over nothing else.
        assert_eq!(seen.header("strict-transport-security"), "max-age=2592000");
        let (code, said) = check(&data, &flags);
        assert_eq!(code, 0, "{said}");
        assert!(program.terminate().success());
    });
}

#[test]
fn the_settings_are_printed_as_they_are_in_force() {
    let data = process::folder("config");
    let flags =
        ["config", "--acme-domain", "a.example", "--trusted-proxies", "::1, 10.0.0.0/8", "--mdns", "off"];
    let output = program::run(hub(&data).args(flags));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for line in [
        "HEARTH_TLS=acme",
        "HEARTH_ACME_DOMAIN=a.example",
        "HEARTH_ACME_DIRECTORY=https://acme-v02.api.letsencrypt.org/directory",
        "HEARTH_TRUSTED_PROXIES=::1/128,10.0.0.0/8",
        "HEARTH_MDNS=off",
    ] {
        assert!(said.lines().any(|one| one == line), "{line} is not in {said}");
    }
}
