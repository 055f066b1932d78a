//! The web app as it leaves the binary: headers, weight, and that vendored files are untouched.

use std::collections::BTreeMap;
use std::path::PathBuf;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha384};
use tower::ServiceExt as _;

use super::{BUILD, files, routes};

async fn get(path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    routes::<()>().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn body(response: Response<Body>) -> Vec<u8> {
    to_bytes(response.into_body(), 1 << 22).await.unwrap().to_vec()
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn source(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("web").join(name)
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(source(name)).unwrap()).unwrap()
}

#[tokio::test]
async fn every_screen_is_the_same_page_and_lets_in_nothing_foreign() {
    for path in ["/app", "/app/", "/app/people", "/app/people/0190/more"] {
        let response = get(path, &[]).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&response, "cache-control"), "no-cache");
        assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
        let policy = header(&response, "content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("http"), "{policy}");
        let page = String::from_utf8(body(response).await).unwrap();
        let map = between(&page, "<script type=\"importmap\">", "</script>");
        let digest = STANDARD.encode(Sha256::digest(map.as_bytes()));
        assert!(policy.contains(&format!("'sha256-{digest}'")), "the policy names another import map");
        assert_eq!(page.matches("{{").count(), 0, "a placeholder is left");
        assert_eq!(page.matches("<script").count(), page.matches("</script>").count());
        assert!(!page.contains("style="), "inline styles are refused by the policy");
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap() + from.len();
    &text[start..start + text[start..].find(to).unwrap()]
}

#[tokio::test]
async fn every_address_in_the_page_answers() {
    for page in ["/app", "/api/docs", "/sw.js", "/manifest.webmanifest"] {
        let text = String::from_utf8(body(get(page, &[]).await).await).unwrap();
        let mut addresses: Vec<String> = text
            .split(['"', '\''])
            .filter(|part| part.starts_with("/v/") || part.starts_with("/icons/"))
            .filter(|part| part.rsplit('/').next().is_some_and(|last| last.contains('.')))
            .map(str::to_owned)
            .collect();
        if page == "/sw.js" {
            // Its list has names without what is the same before each.
            let names = between(&text, "'/app ", "'.split").split(' ');
            addresses.extend(names.map(|name| format!("/v/{BUILD}/{name}")));
        }
        assert!(!addresses.is_empty(), "{page}");
        for address in addresses {
            assert_eq!(get(&address, &[]).await.status(), StatusCode::OK, "{page} names {address}");
        }
    }
}

#[tokio::test]
async fn a_versioned_file_is_kept_for_ever_and_compressed_where_that_is_welcome() {
    let path = format!("/v/{BUILD}/main.js");
    let plain = get(&path, &[]).await;
    assert_eq!(header(&plain, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&plain, "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(header(&plain, "content-encoding"), "");
    let tag = header(&plain, "etag").to_owned();
    let raw = body(plain).await;

    let small = get(&path, &[("accept-encoding", "gzip, br;q=0.9")]).await;
    assert_eq!(header(&small, "content-encoding"), "br");
    assert_eq!(header(&small, "vary"), "accept-encoding");
    assert_ne!(header(&small, "etag"), tag, "two encodings are two representations");
    assert!(body(small).await.len() < raw.len());

    let refused = get(&path, &[("accept-encoding", "br;q=0, gzip")]).await;
    assert_eq!(header(&refused, "content-encoding"), "");
    let again = get(&path, &[("if-none-match", &format!("\"other\", W/{tag}"))]).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert!(body(again).await.is_empty());
}

#[tokio::test]
async fn vendored_files_leave_as_they_came_and_ours_without_comments_but_line_for_line() {
    let vendored = "vendor/lit-html/lit-html.js";
    let sent = body(get(&format!("/v/{BUILD}/{vendored}"), &[]).await).await;
    assert_eq!(sent, std::fs::read(source(vendored)).unwrap());
    let ours = |path: &str| {
        let code = path.ends_with(".js") || path.ends_with(".css");
        code && !path.starts_with("vendor/") && !["sw.js", "styles/first.css"].contains(&path)
    };
    for file in files::FILES.iter().filter(|file| ours(file.path)) {
        let written = std::fs::read_to_string(source(file.path)).unwrap();
        let sent = std::str::from_utf8(file.raw).unwrap();
        assert_eq!(sent.lines().count(), written.lines().count(), "{}", file.path);
        for (sent, written) in sent.lines().zip(written.lines()) {
            let whole = written.trim();
            let comment = ["//", "/*", "*"].iter().any(|mark| whole.starts_with(mark))
                && (!whole.contains("*/") || whole.ends_with("*/"));
            assert!(sent == written || (sent.is_empty() && comment), "{}: {written}", file.path);
        }
    }
}

#[tokio::test]
async fn what_is_worn_from_the_beginning_is_one_file_in_the_order_that_the_page_names() {
    let written = std::fs::read_to_string(source("index.html")).unwrap();
    let named: Vec<&str> = written.split("/styles/").skip(1).map(|rest| between(rest, "", "\"")).collect();
    assert_eq!((named.first(), named.last()), (Some(&"reset.css"), Some(&"utilities.css")));
    for page in ["/app", "/api/docs"] {
        let text = String::from_utf8(body(get(page, &[]).await).await).unwrap();
        assert_eq!(text.matches("/styles/").count(), 1, "{page}");
    }
    let worn = std::str::from_utf8(super::find("styles/first.css").unwrap().raw).unwrap();
    let lines: usize = named
        .iter()
        .map(|name| std::fs::read_to_string(source(&format!("styles/{name}"))).unwrap().lines().count())
        .sum();
    assert_eq!(worn.lines().count(), lines);
    assert!(worn.find("@layer reset,") < worn.find("@layer utilities {"), "layers in their order");
}

/// What is asked for ahead is what the routes load later.
#[test]
fn screens_named_for_asking_ahead_are_those_of_the_routes() {
    let main = std::fs::read_to_string(source("main.js")).unwrap();
    for (place, module) in files::AHEAD {
        let loads = format!("import('./{module}')");
        assert!(main.contains(&loads), "{place}: nothing in main.js loads {module}");
        let pattern = format!("pattern: '/app/{place}");
        let route = main.find(&pattern).map(|at| &main[at..]);
        // The settings' screens are made by one function.
        let Some(route) = route else {
            assert_eq!(*place, "settings");
            continue;
        };
        let route = &route[..route[1..].find("pattern:").map_or(route.len(), |end| end + 1)];
        assert!(route.contains(&loads), "{place} is not where main.js loads {module}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let build = BUILD;
    for path in [
        "/v/0000/main.js".to_owned(),
        format!("/v/{build}/nothing.js"),
        format!("/v/{build}/../../Cargo.toml"),
        format!("/v/{build}/..%2f..%2fCargo.toml"),
        format!("/v/{build}/%2e%2e/%2e%2e/etc/passwd"),
        format!("/v/{build}/main.js%00"),
        format!("/v/{build}//main.js"),
        format!("/v/{build}/index.html"),
        format!("/v/{build}/package.json"),
        format!("/v/{build}/types/wire.d.ts"),
        format!("/v/{build}/tests/live.test.js"),
        "/icons/..%2fmain.js".to_owned(),
    ] {
        assert_eq!(get(&path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_service_worker_reaches_the_whole_house() {
    let response = get("/sw.js", &[]).await;
    assert_eq!(header(&response, "service-worker-allowed"), "/");
    assert!(header(&response, "content-security-policy").contains("connect-src 'self'"));
    assert_eq!(header(&response, "cache-control"), "no-cache");
    let script = String::from_utf8(body(response).await).unwrap();
    assert!(script.contains(" main.js ") && script.contains(&format!("'/v/{BUILD}/' + name")));
    assert!(!script.contains("{{"), "a placeholder is left");
    for (path, kind) in [
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/favicon.ico", "image/x-icon"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/icons/icon-192.png", "image/png"),
    ] {
        assert_eq!(header(&get(path, &[]).await, "content-type"), kind, "{path}");
    }
}

/// The promise holds for the faster, weaker compression of a test build as well.
#[test]
fn a_first_visit_is_light() {
    let weigh = |name: &str| {
        let file = super::find(name).unwrap_or_else(|| panic!("{name} is not embedded"));
        file.brotli.map_or(file.raw.len(), <[u8]>::len)
    };
    let shell: usize = files::SHELL.iter().map(|name| weigh(name)).sum();
    let allowed = 60_000;
    let heaviest: BTreeMap<usize, &&str> = files::SHELL.iter().map(|name| (weigh(name), name)).collect();
    println!("first visit: {shell} bytes in {} files", files::SHELL.len());
    assert!(
        shell <= allowed,
        "{shell} bytes, heaviest: {:?}",
        heaviest.iter().rev().take(8).collect::<Vec<_>>()
    );
    let font = weigh("vendor/figtree/figtree-latin-wght-normal.woff2");
    assert!(font <= 45 * 1024, "font: {font} bytes");
}

#[test]
fn the_camera_comes_when_it_is_switched_on_and_is_not_heavy() {
    let camera = |name: &str| name.starts_with("kitchen/camera/") || name.starts_with("vendor/zxing-wasm/");
    assert!(!files::SHELL.iter().any(|name| camera(name)), "{:?}", files::SHELL);
    let parts: Vec<_> = files::FILES.iter().filter(|file| camera(file.path)).collect();
    assert!(parts.iter().any(|file| file.path.ends_with(".wasm")), "the reader is there");
    let weight: usize = parts.iter().map(|file| file.brotli.map_or(file.raw.len(), <[u8]>::len)).sum();
    println!("camera: {weight} bytes in {} files", parts.len());
    assert!(weight <= 500_000, "{weight} bytes");
}

#[tokio::test]
async fn the_reader_of_codes_may_run_what_came_with_it_and_no_more() {
    let response = get(&format!("/v/{BUILD}/{}", super::READER), &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-security-policy"), super::READER_POLICY);
    let wasm = get(&format!("/v/{BUILD}/vendor/zxing-wasm/dist/reader/zxing_reader.wasm"), &[]).await;
    assert_eq!(header(&wasm, "content-type"), "application/wasm");
    // A visit without a camera does not load it.
    let script = String::from_utf8(body(get("/sw.js", &[]).await).await).unwrap();
    assert!(
        script.contains(" vendor/zxing-wasm/dist/reader/zxing_reader.wasm")
            && script.contains("name.startsWith('vendor/zxing-wasm/') && 'later'"),
        "kept once it was asked for"
    );
}

#[test]
fn vendored_files_are_what_their_authors_published() {
    let lock = json("vendor/LOCK.json");
    let mut locked = Vec::new();
    for package in lock["packages"].as_array().unwrap() {
        let folder = package["folder"].as_str().unwrap();
        assert!(source("vendor").join(folder).join("LICENSE").exists(), "{folder} has no licence beside it");
        for (name, digest) in package["files"].as_object().unwrap() {
            let path = format!("{folder}/{name}");
            let bytes =
                std::fs::read(source("vendor").join(&path)).unwrap_or_else(|_| panic!("{path} is missing"));
            let found = format!("sha384-{}", STANDARD.encode(Sha384::digest(&bytes)));
            assert_eq!(found, digest.as_str().unwrap(), "{path} was changed");
            locked.push(path);
        }
    }
    let mut present = Vec::new();
    walk(&source("vendor"), "", &mut present);
    locked.sort();
    present.sort();
    assert_eq!(present, locked, "vendor/ and vendor/LOCK.json name different files");
}

fn walk(dir: &std::path::Path, prefix: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            walk(&entry.path(), &format!("{name}/"), found);
        } else if name != "LOCK.json" {
            found.push(name);
        }
    }
}

#[test]
fn node_and_browsers_resolve_the_same_names() {
    let package = json("package.json");
    let named: BTreeMap<String, String> = package["imports"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, path)| (name.clone(), path.as_str().unwrap().trim_start_matches("./").to_owned()))
        .collect();
    let mapped: BTreeMap<String, String> =
        files::IMPORTS.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect();
    assert_eq!(named, mapped);
}
