//! What is vendored for the tests is what was published.

use std::path::Path;

use base64::Engine as _;
use serde_json::Value;
use sha2::{Digest as _, Sha384};

#[test]
fn axe_is_the_published_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendor/axe");
    let lock = std::fs::read_to_string(folder.join("LOCK.json")).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    let package = &lock["packages"][0];
    assert_eq!((&package["package"], &package["version"]), (&"axe-core".into(), &"4.14.1".into()));
    let files = package["files"].as_object().unwrap();
    let mut names: Vec<&str> = files.keys().map(String::as_str).collect();
    names.push("LOCK.json");
    names.sort_unstable();
    for (name, digest) in files {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let found = base64::prelude::BASE64_STANDARD.encode(Sha384::digest(&bytes));
        assert_eq!(digest, &Value::String(format!("sha384-{found}")), "{name}");
    }
    let mut present: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    present.sort_unstable();
    assert_eq!(present, names, "every file here is in the list");
}
