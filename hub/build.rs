//! Makes the web app part of the binary.
//!
//! Every file of `web/` that a browser may ask for is compressed once, here, and embedded. The
//! build id is a digest over all of them, so an address under `/v/{build}/` can be kept for ever
//! and two builds never share one. Four files are made from a template with what only the build
//! knows: `index.html` and `docs.html` (addresses, import map, preloads), `sw.js` (what to keep)
//! and the manifest. The icons become one sprite.

#![allow(clippy::print_stdout, reason = "this is how a build script talks to cargo")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// What a module may be called besides its address; `web/package.json` says the same to node.
const IMPORTS: [(&str, &str); 5] = [
    ("#lit-html", "vendor/lit-html/lit-html.js"),
    ("#lit-html/async", "vendor/lit-html/async-directive.js"),
    ("#lit-html/live", "vendor/lit-html/directives/live.js"),
    ("#lit-html/repeat", "vendor/lit-html/directives/repeat.js"),
    ("#signals", "vendor/signals-core/signals-core.mjs"),
];

/// What a screen takes beyond the beginning, by what follows `/app/` in its address up to an id: the module it is
/// in, and the parts whose words and whose looks come with it. A test holds it against the routes of `main.js`.
const AHEAD: [(&str, &str, &[&str], &[&str]); 13] = [
    ("stock", "kitchen/stock.js", &["kitchen"], &["kitchen"]),
    ("product/", "kitchen/product.js", &["kitchen"], &["kitchen"]),
    ("stocktake", "kitchen/stocktake.js", &["kitchen"], &["kitchen"]),
    ("scan", "kitchen/scan.js", &["kitchen"], &["kitchen"]),
    ("shopping", "kitchen/shopping.js", &["kitchen"], &["kitchen"]),
    ("inbox", "kitchen/inbox.js", &["kitchen"], &["kitchen"]),
    ("receipts", "receipts/list.js", &["kitchen", "receipts"], &["kitchen", "receipts"]),
    ("receipts/", "receipts/receipt.js", &["kitchen", "receipts"], &["kitchen", "receipts"]),
    ("settings", "settings/settings.js", &["kitchen", "settings"], &["kitchen", "settings"]),
    ("people", "household/people.js", &["house"], &[]),
    ("devices", "devices/devices.js", &["house", "kitchen", "stations"], &["kitchen", "stations"]),
    ("you", "you/you.js", &["house"], &[]),
    ("system", "system/system.js", &["house"], &[]),
];

/// Folders and files of `web/` that are for developers, not for browsers.
const KEPT_BACK: [&str; 6] =
    ["node_modules", "package-lock.json", "package.json", "tests", "tsconfig.json", "types"];

type Files = BTreeMap<String, Vec<u8>>;

fn main() {
    println!("cargo::rerun-if-changed=web");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rustc-env=HEARTH_BUILT_AT={}", built_at());
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("web");
    let out = PathBuf::from(variable("OUT_DIR"));
    let mut files = Files::new();
    collect(&root, &root, &mut files);
    let icons = sprite(&mut files);
    files.insert("icons.svg".into(), icons.into_bytes());

    let styles = first_styles(&mut files);

    let build = build_id(&files);
    let import_map = import_map(&build);
    let graph = module_graph(&files, "main.js");
    for (page, entry) in [("index.html", "main.js"), ("docs.html", "docs/main.js")] {
        let text = text(&files, page)
            .replace("{{import_map}}", &import_map)
            .replace(&styles, &format!("{STYLE}{FIRST_STYLES}\">"))
            .replace("{{ahead}}", &ahead(&files, &graph))
            .replace("{{preloads}}", &preloads(&build, &module_graph(&files, entry)))
            .replace("{{build}}", &build);
        files.insert(page.into(), text.into_bytes());
    }
    let manifest = text(&files, "manifest.webmanifest").replace("{{build}}", &build);
    files.insert("manifest.webmanifest".into(), manifest.into_bytes());
    let worker = text(&files, "sw.js").replace("'{{precache}}'", &precache(&build, &files));
    files.insert("sw.js".into(), worker.into_bytes());

    let mut source = String::new();
    let _ = writeln!(source, "pub(super) const BUILD: &str = {build:?};");
    let digest = STANDARD.encode(Sha256::digest(import_map.as_bytes()));
    let _ = writeln!(source, "pub(super) const IMPORT_MAP_DIGEST: &str = {digest:?};");
    let _ = writeln!(source, "#[cfg(test)]\npub(super) const IMPORTS: &[(&str, &str)] = &{IMPORTS:?};");
    let screens = AHEAD.map(|(place, module, ..)| (place, module));
    let _ = writeln!(source, "#[cfg(test)]\npub(super) const AHEAD: &[(&str, &str)] = &{screens:?};");
    let _ = writeln!(source, "#[cfg(test)]\npub(super) const SHELL: &[&str] = &{:?};", shell(&graph));
    source.push_str(&embed(&files, &out));
    write(&out.join("web_files.rs"), source.as_bytes());
}

/// When this is built, in seconds since 1970; builds that are to be the same to the last byte say when by
/// `SOURCE_DATE_EPOCH`. A clock that shows an earlier time is wrong.
fn built_at() -> u64 {
    let said = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.trim().parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    said.unwrap_or_else(now)
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Reads every file below `dir` that ships, keyed by its path below `root`.
fn collect(root: &Path, dir: &Path, files: &mut Files) {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        let name =
            path.strip_prefix(root).expect("a path below the root").to_string_lossy().replace('\\', "/");
        let last = name.rsplit('/').next().unwrap_or(&name);
        if last.starts_with('.') || KEPT_BACK.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else if ships(last) {
            let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let ours = !name.starts_with("vendor/") && [".js", ".css"].iter().any(|end| name.ends_with(end));
            let bytes = if ours { without_comments(&String::from_utf8_lossy(&bytes)) } else { bytes };
            files.insert(name, bytes);
        }
    }
}

fn ships(name: &str) -> bool {
    let known = ["html", "js", "mjs", "css", "svg", "png", "ico", "woff2", "wasm", "webmanifest", "txt"];
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    name == "LICENSE" || extension.is_some_and(|extension| known.contains(&extension))
}

/// Our own source without the comments that have lines to themselves: they are for those who read
/// the source, and were a fifth of what a first visit carried. Lines stay where they are, so that
/// an error in a browser names the line in the source.
fn without_comments(source: &str) -> Vec<u8> {
    let mut shipped = String::with_capacity(source.len());
    let mut inside = false;
    for line in source.lines() {
        let trimmed = line.trim();
        let opens = trimmed.starts_with("/*");
        let closes = trimmed.ends_with("*/");
        // A note before code on the same line stays with its code.
        let before_code = opens && !inside && !closes && trimmed.contains("*/");
        if before_code || !(inside || opens || trimmed.starts_with("//")) {
            shipped.push_str(line);
        }
        inside = (inside || opens) && !closes && !before_code;
        shipped.push('\n');
    }
    shipped.into_bytes()
}

fn text(files: &Files, name: &str) -> String {
    let bytes = files.get(name).unwrap_or_else(|| panic!("web/{name} is missing"));
    String::from_utf8(bytes.clone()).unwrap_or_else(|_| panic!("web/{name} is not UTF-8"))
}

/// Takes the single icons out of the files and returns them as one sprite of symbols.
fn sprite(files: &mut Files) -> String {
    let prefix = "vendor/lucide/";
    let names: Vec<String> =
        files.keys().filter(|name| name.starts_with(prefix) && name.ends_with(".svg")).cloned().collect();
    let mut sprite = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\">\n");
    for name in names {
        let svg = text(files, &name);
        files.remove(&name);
        let id = &name[prefix.len()..name.len() - ".svg".len()];
        let opening = svg.find("<svg").expect("an icon is an SVG");
        let inner = opening + svg[opening..].find('>').expect("an icon has a root") + 1;
        let end = svg.rfind("</svg>").expect("an icon ends");
        let shapes: Vec<&str> =
            svg[inner..end].lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let _ = writeln!(
            sprite,
            "<symbol id=\"{id}\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" \
             stroke-linecap=\"round\" stroke-linejoin=\"round\">{}</symbol>",
            shapes.concat()
        );
    }
    sprite.push_str("</svg>\n");
    sprite
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..8])
}

fn build_id(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in files {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    hex(&hash.finalize()[..6])
}

fn import_map(build: &str) -> String {
    let entries: Vec<String> =
        IMPORTS.iter().map(|(name, path)| format!("\"{name}\":\"/v/{build}/{path}\"")).collect();
    format!("{{\"imports\":{{{}}}}}", entries.join(","))
}

fn preloads(build: &str, graph: &BTreeSet<String>) -> String {
    let links: Vec<String> =
        graph.iter().map(|path| format!("<link rel=\"modulepreload\" href=\"/v/{build}/{path}\">")).collect();
    links.join("\n    ")
}

/// All modules that `entry` loads by plain imports, itself included.
fn module_graph(files: &Files, entry: &str) -> BTreeSet<String> {
    let mut graph = BTreeSet::new();
    let mut waiting = vec![entry.to_owned()];
    while let Some(module) = waiting.pop() {
        if !graph.insert(module.clone()) {
            continue;
        }
        for specifier in imports_of(&text(files, &module)) {
            if let Some(path) = resolve(&module, &specifier).filter(|path| files.contains_key(path)) {
                waiting.push(path);
            }
        }
    }
    graph
}

/// What stands in quotes after `from` or `import`. Anything else in quotes there would have to be
/// the address of one of our files to do harm, and then the harm is one preload too many.
fn imports_of(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in ["from", "import"] {
        for (at, _) in source.match_indices(word) {
            let rest = source[at + word.len()..].trim_start();
            let Some(quote) = rest.chars().next().filter(|first| ['"', '\''].contains(first)) else {
                continue;
            };
            if let Some(end) = rest[1..].find(quote) {
                found.push(rest[1..=end].to_owned());
            }
        }
    }
    found
}

fn resolve(module: &str, specifier: &str) -> Option<String> {
    if let Some((_, path)) = IMPORTS.iter().find(|(name, _)| *name == specifier) {
        return Some((*path).to_owned());
    }
    if !specifier.starts_with("./") && !specifier.starts_with("../") {
        return None;
    }
    let mut parts: Vec<&str> = module.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// How a page names one of its stylesheets.
const STYLE: &str = "<link rel=\"stylesheet\" href=\"/v/{{build}}/";
/// All that a page wears from the beginning, in one file: seven are asked for no sooner and weigh more.
const FIRST_STYLES: &str = "styles/first.css";

/// Puts the stylesheets that the page names one after the other together; the lines that named them.
fn first_styles(files: &mut Files) -> String {
    let page = text(files, "index.html");
    let begin = page.find(STYLE).expect("the page is dressed");
    let mut end = begin;
    let mut together = String::new();
    while let Some(at) = page[end..].find(STYLE).filter(|at| page[end..end + at].trim().is_empty()) {
        let name = &page[end + at + STYLE.len()..];
        let name = &name[..name.find('"').expect("an address ends")];
        together.push_str(&text(files, name));
        files.remove(name);
        end += at + STYLE.len() + name.len() + "\">".len();
    }
    files.insert(FIRST_STYLES.into(), together.into_bytes());
    page[begin..end].to_owned()
}

/// For whom has been here before: which files a screen takes beyond those of `first`, as numbers in a list of
/// names, so that they are asked for together and not each when the one before it has been read. A name that ends
/// in `/` is a folder of words, where the file is named by the language.
fn ahead(files: &Files, first: &BTreeSet<String>) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut screens = String::new();
    for (place, module, words, looks) in AHEAD {
        let modules = module_graph(files, module).into_iter().filter(|name| !first.contains(name));
        let words = words.iter().map(|part| format!("text/{part}/"));
        let looks = looks.iter().map(|name| format!("styles/{name}.css"));
        let mut numbers: Vec<String> = Vec::new();
        for name in words.chain(looks).chain(modules) {
            let at = names.iter().position(|known| *known == name).unwrap_or(names.len());
            if at == names.len() {
                names.push(name);
            }
            numbers.push(at.to_string());
        }
        let _ = write!(screens, "{place:?}:[{}],", numbers.join(","));
    }
    format!("{{{screens}\"files\":{names:?}}}").replace(", ", ",")
}

/// What a first visit loads before anything is tapped, without the font.
fn shell(graph: &BTreeSet<String>) -> Vec<String> {
    let mut shell: Vec<String> = graph.iter().cloned().collect();
    shell.push(FIRST_STYLES.into());
    shell.extend(
        ["early.js", "icons.svg", "index.html", "manifest.webmanifest", "sw.js", "text/en.js"]
            .map(Into::into),
    );
    shell
}

/// What the service worker keeps once somebody has asked for it: large, and not for everybody.
const LATER: &str = "vendor/zxing-wasm/";

/// The service worker's list, address and digest of each file the app needs away from the network, as an expression:
/// names in one text and digests in another weigh less than pairs of them, and every first visit carries it.
fn precache(build: &str, files: &Files) -> String {
    // Shorter than an ETag: enough to tell a few hundred files of two builds apart.
    const LENGTH: usize = 12;
    let key = |bytes: &[u8]| digest(bytes)[..LENGTH].to_owned();
    let (mut names, mut digests) = (vec!["/app"], key(&files["index.html"]));
    for (name, bytes) in files {
        let page = name.ends_with(".html") || name.starts_with("docs/") || name.ends_with("LICENSE");
        let apart = ["sw.js", "manifest.webmanifest", "favicon.ico", "robots.txt"].contains(&name.as_str());
        let picture = name.starts_with("icons/") && name != "icons/icon.svg";
        if page || apart || picture {
            continue;
        }
        names.push(name);
        digests.push_str(&key(bytes));
    }
    format!(
        "'{}'.split(' ').map((name, at) => [at ? '/v/{build}/' + name : name, \
         '{digests}'.substr(at * {LENGTH}, {LENGTH}), name.startsWith('{LATER}') && 'later'])",
        names.join(" ")
    )
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let quality = if variable("PROFILE") == "release" { 11 } else { 5 };
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, quality, 22);
    writer.write_all(bytes).expect("memory takes every byte");
    writer.into_inner()
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        _ => "text/plain; charset=utf-8",
    }
}

/// Writes both forms of every file beside the program and returns the table that embeds them.
fn embed(files: &Files, out: &Path) -> String {
    let folder = out.join("web");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for what is embedded");
    let mut table = String::from("pub(super) static FILES: &[File] = &[\n");
    for (index, (name, bytes)) in files.iter().enumerate() {
        let raw = folder.join(format!("{index}.raw"));
        write(&raw, bytes);
        let small = compress(bytes);
        let brotli = if small.len() < bytes.len() {
            let path = folder.join(format!("{index}.br"));
            write(&path, &small);
            format!("Some(include_bytes!({path:?}))")
        } else {
            "None".to_owned()
        };
        let _ = writeln!(
            table,
            "    File {{ path: {name:?}, kind: {:?}, digest: {:?}, raw: include_bytes!({raw:?}), brotli: {brotli} }},",
            kind(name),
            digest(bytes)
        );
    }
    table.push_str("];\n");
    table
}
