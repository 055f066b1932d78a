//! The typefaces are what was published. The reader is the web app's, which looks after it.

use std::path::Path;

use base64::Engine as _;
use serde_json::Value;
use sha2::{Digest as _, Sha384};

#[test]
fn typefaces_are_the_published_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kitchen/labels/fonts");
    let lock: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("LOCK.json")).unwrap()).unwrap();
    for package in lock["packages"].as_array().unwrap() {
        let folder = folder.join(package["folder"].as_str().unwrap());
        let files = package["files"].as_object().unwrap();
        for (name, digest) in files {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            let found = base64::prelude::BASE64_STANDARD.encode(Sha384::digest(&bytes));
            assert_eq!(digest, &Value::String(format!("sha384-{found}")), "{name}");
        }
        let mut present = present(&folder, &folder);
        present.retain(|name| name != "LOCK.json");
        present.sort_unstable();
        assert_eq!(present, files.keys().cloned().collect::<Vec<_>>(), "every file is in the list");
    }
}

/// The files below a folder, by their paths from `root`.
fn present(root: &Path, folder: &Path) -> Vec<String> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let names = paths.flat_map(|path| match path.is_dir() {
        true => present(root, &path),
        false => vec![path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()],
    });
    names.collect()
}
