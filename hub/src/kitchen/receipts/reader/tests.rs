//! Readers: children that misbehave, services that do, and the real Tesseract and poppler.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};

use super::child::{Bounds, run};
use super::*;
use crate::health;
use crate::testing::hub::run as run_async;
use crate::testing::papers;
use crate::testing::require::{Part, available};

const LITTLE: Bounds = Bounds { within: Duration::from_secs(20), memory: 512 << 20, output: 64 << 10 };

const PAPER: &str = "        GUENSTIGLAND\n        Lindenstr. 12\n\nVollmilch 3,5%            1,09 A\n2 x     0,89\n\
                     Joghurt Natur             1,78 A\nRoggenbrot 750g           1,79 A\nSumme EUR                 4,66\n\
                     Bar                       5,00\nRueckgeld                 0,34\n20.11.2026 18:23\n";

#[test]
fn a_child_gets_its_input_and_is_heard() {
    run_async(async {
        let input = vec![b'x'; 60_000];
        let done = run("cat", &[], input.clone(), LITTLE).await.unwrap();
        assert!(done.status.success());
        assert_eq!(done.output, input);
        let failed = run("cat", &["/there/is/nothing"], Vec::new(), LITTLE).await.unwrap();
        assert!(!failed.status.success() && failed.complaints.contains("/there/is/nothing"), "{failed:?}");
        assert_eq!(
            run("no-such-program-here", &[], Vec::new(), LITTLE).await.unwrap_err().code(),
            "reader-failed"
        );
    });
}

#[test]
fn a_child_that_takes_too_long_says_too_much_or_takes_too_much_is_ended() {
    run_async(async {
        let begun = Instant::now();
        let hurried = Bounds { within: Duration::from_millis(300), ..LITTLE };
        let late = run("sleep", &["600"], Vec::new(), hurried).await.unwrap_err();
        assert_eq!(late.code(), "reader-refused");
        // It goes on for ever, and all of what it says is read past.
        let loud = run("yes", &[], Vec::new(), hurried).await.unwrap_err();
        assert_eq!(loud.code(), "reader-refused");
        let long = run("cat", &[], vec![b'x'; 100_000], LITTLE).await.unwrap_err();
        assert_eq!(long.code(), "reader-refused");
        // It wants to keep all there is.
        let greedy =
            run("tail", &["-n", "1", "/dev/zero"], Vec::new(), Bounds { memory: 64 << 20, ..LITTLE }).await;
        assert!(!greedy.unwrap().status.success());
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    });
}

#[test]
fn a_child_that_nobody_waits_for_is_ended() {
    run_async(async {
        let begun = Instant::now();
        let waiting = tokio::time::timeout(
            Duration::from_millis(300),
            run("sleep", &["600"], Vec::new(), Bounds { within: Duration::from_secs(500), ..LITTLE }),
        );
        assert!(waiting.await.is_err());
        assert!(begun.elapsed() < Duration::from_secs(20));
    });
    // The runtime waits for the thread that attends it; so it has ended.
}

fn readers(reader: Choice, service: Option<String>) -> Readers {
    Readers::open(&Receipts { reader, service, ..Receipts::default() }).unwrap()
}

fn agrees(read: &Read) {
    let receipt =
        crate::kitchen::receipts::parse::parse(&read.text).unwrap_or_else(|e| panic!("{e:?} {read:?}"));
    assert_eq!(receipt.check.difference(), Some(0), "{receipt:?} {}", read.text);
    assert_eq!((receipt.lines.len(), receipt.check.total), (3, Some(466)), "{receipt:?}");
    assert_eq!((receipt.day.as_deref(), receipt.time.as_deref()), (Some("2026-11-20"), Some("18:23")));
    assert_eq!(receipt.lines[1].quantity, 2_000, "{receipt:?}");
}

#[test]
fn tesseract_reads_a_picture() {
    let (Some(_), Some(poppler)) = (available(Part::Tesseract), available(Part::Poppler)) else { return };
    let picture = papers::picture(poppler.path("pdftoppm"), PAPER);
    run_async(async {
        let readers = readers(Choice::Auto, None);
        let read = readers.read(MediaKind::Png, picture).await.unwrap();
        assert_eq!(read.reader, "tesseract");
        agrees(&read);
        let nothing = readers.read(MediaKind::Jpeg, b"no picture at all".to_vec()).await.unwrap_err();
        assert_eq!(nothing.code(), "reader-refused");
    });
}

#[test]
fn the_text_of_a_pdf_is_taken_as_it_is_and_a_scan_is_read() {
    let (Some(_), Some(poppler)) = (available(Part::Tesseract), available(Part::Poppler)) else { return };
    let scanned = papers::scanned_pdf(poppler.path("pdftoppm"), PAPER);
    run_async(async {
        let readers = readers(Choice::Tesseract, None);
        let read = readers.read(MediaKind::Pdf, papers::pdf(PAPER)).await.unwrap();
        assert_eq!(read.reader, "poppler");
        agrees(&read);
        let read = readers.read(MediaKind::Pdf, scanned).await.unwrap();
        assert_eq!(read.reader, "tesseract");
        agrees(&read);
        let broken = readers.read(MediaKind::Pdf, b"%PDF-1.4\nnothing\n%%EOF\n".to_vec()).await.unwrap_err();
        assert_eq!(broken.code(), "reader-refused");
    });
}

#[test]
fn health_says_which_reader_there_is() {
    let name = |finding: &Finding| format!("{finding:?}");
    let machine = Machine {
        version: Some("5.3.0".to_owned()),
        languages: vec!["deu".to_owned()],
        ..Machine::default()
    };
    let away =
        || Err(Error::unavailable("reader-failed", "The service that reads receipts cannot be reached.", 60));
    for (wanted, service, machine, expected) in [
        (Choice::Auto, None, Machine::default(), "Ok Receipts are typed in. Install"),
        (Choice::Off, None, Machine::default(), "Ok Receipts are typed in; reading is off"),
        (Choice::Tesseract, None, Machine::default(), "Warn Tesseract is wanted and is not here"),
        (Choice::Auto, None, machine.clone(), "Ok Tesseract 5.3.0 reads receipts; PDF takes poppler-utils"),
        (Choice::Auto, Some(Ok(())), Machine::default(), "Ok The service reads receipts"),
        (
            Choice::Auto,
            Some(away()),
            machine,
            "Warn The service that reads receipts cannot be reached. Until it is back Tesseract",
        ),
        (
            Choice::Service,
            Some(away()),
            Machine::default(),
            "Warn The service that reads receipts cannot be reached. Until it is back receipts",
        ),
    ] {
        let finding = name(&judge(wanted, service.as_ref(), &machine));
        let (state, detail) = expected.split_once(' ').unwrap();
        assert!(finding.contains(&format!("state: {state}")) && finding.contains(detail), "{finding}");
    }
    assert!(health::PARTS.iter().any(|part| part.name == "receipts"));
}

/// A service that behaves as its number says.
struct Reading {
    asked: AtomicUsize,
    behave: fn(&[u8]) -> (StatusCode, String),
}

async fn service(behave: fn(&[u8]) -> (StatusCode, String)) -> (String, Arc<Reading>) {
    let reading = Arc::new(Reading { asked: AtomicUsize::new(0), behave });
    let file_parse = async |State(reading): State<Arc<Reading>>, body: Bytes| {
        reading.asked.fetch_add(1, Ordering::Relaxed);
        (reading.behave)(&body)
    };
    let routes = Router::new()
        .route("/health", get(async || r#"{"status":"ok"}"#))
        .route("/file_parse", post(file_parse))
        .with_state(reading.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, reading)
}

#[test]
fn a_service_is_sent_a_form_and_its_markdown_is_taken() {
    run_async(async {
        let (url, reading) = service(|body| {
            let text = String::from_utf8_lossy(body);
            for part in [
                "name=\"files\"; filename=\"receipt.jpeg\"",
                "content-type: image/jpeg",
                "JFIF!",
                "name=\"lang_list\"\r\n\r\nlatin",
                "name=\"return_md\"\r\n\r\ntrue",
            ] {
                assert!(text.contains(part), "{part} in {text}");
            }
            let page = serde_json::json!({ "md_content": "# Laden\n\nEi 1,00\n\nSumme 1,00" });
            (
                StatusCode::OK,
                serde_json::json!({ "backend": "pipeline", "results": { "receipt": page } }).to_string(),
            )
        })
        .await;
        let readers = readers(Choice::Service, Some(url));
        let read = readers.read(MediaKind::Jpeg, b"JFIF!".to_vec()).await.unwrap();
        assert_eq!((read.reader, read.text.as_str()), ("service", "# Laden\n\nEi 1,00\n\nSumme 1,00"));
        assert_eq!(reading.asked.load(Ordering::Relaxed), 1);
        assert!(format!("{:?}", readers.finding().await).contains("The service reads receipts"));
    });
}

#[test]
fn a_service_that_is_wrong_huge_or_html_is_no_reader() {
    run_async(async {
        type Behaviour = fn(&[u8]) -> (StatusCode, String);
        let behaviours: [(Behaviour, &str); 6] = [
            (|_| (StatusCode::OK, "<html>hello</html>".to_owned()), "reader-failed"),
            (|_| (StatusCode::OK, r#"{"results":{}}"#.to_owned()), "reader-failed"),
            (|_| (StatusCode::OK, "x".repeat(3 << 20)), "reader-failed"),
            (|_| (StatusCode::SERVICE_UNAVAILABLE, String::new()), "reader-failed"),
            (|_| (StatusCode::FOUND, String::new()), "reader-failed"),
            (
                |_| (StatusCode::BAD_REQUEST, r#"{"error":"Unsupported file type"}"#.to_owned()),
                "reader-refused",
            ),
        ];
        for (behave, code) in behaviours {
            let (url, _) = service(behave).await;
            let failed = readers(Choice::Service, Some(url)).read(MediaKind::Png, vec![1]).await.unwrap_err();
            assert_eq!(failed.code(), code);
        }
        let nowhere = readers(Choice::Service, Some("http://127.0.0.1:9".to_owned()));
        assert_eq!(nowhere.read(MediaKind::Png, vec![1]).await.unwrap_err().code(), "reader-failed");
        assert!(format!("{:?}", nowhere.finding().await).contains("cannot be reached"));
    });
}

#[test]
fn when_the_service_fails_tesseract_reads() {
    let (Some(_), Some(poppler)) = (available(Part::Tesseract), available(Part::Poppler)) else { return };
    let picture = papers::picture(poppler.path("pdftoppm"), PAPER);
    run_async(async {
        let (url, reading) = service(|_| (StatusCode::INTERNAL_SERVER_ERROR, String::new())).await;
        let readers = readers(Choice::Auto, Some(url));
        let read = readers.read(MediaKind::Png, picture).await.unwrap();
        assert_eq!((read.reader, reading.asked.load(Ordering::Relaxed)), ("tesseract", 1));
        agrees(&read);
    });
}

#[test]
fn without_a_reader_it_says_what_to_install() {
    run_async(async {
        let off = readers(Choice::Off, None).read(MediaKind::Jpeg, vec![1]).await.unwrap_err();
        assert_eq!(off.code(), "no-reader");
        assert!(off.detail().contains("tesseract-ocr"));
    });
}
