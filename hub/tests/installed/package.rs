//! The Debian package: that what it is made of is there and well formed. `.ci/package` builds it,
//! `.ci/try-package` tries it under a real systemd.

use std::process::Command;

use crate::{place, read};

/// The lines of the package's section in Cargo.toml.
fn section(name: &str) -> String {
    let manifest = read("hub/Cargo.toml");
    let (_, after) = manifest.split_once(&format!("\n[{name}]\n")).unwrap_or_else(|| panic!("no [{name}]"));
    after.split("\n[").next().unwrap_or_default().to_owned()
}

fn value(section: &str, name: &str) -> String {
    let line = section.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
    line.unwrap_or_else(|| panic!("no {name}")).trim_matches('"').to_owned()
}

/// Source, destination and mode of everything that goes in.
fn assets() -> Vec<[String; 3]> {
    let section = section("package.metadata.deb");
    let (_, list) = section.split_once("assets = [\n").expect("assets");
    let rows = list.lines().take_while(|line| *line != "]");
    rows.map(|line| {
        let words: Vec<String> = line.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        words.try_into().unwrap_or_else(|words| panic!("three words: {words:?}"))
    })
    .collect()
}

#[test]
fn everything_that_goes_in_is_there() {
    let assets = assets();
    assert!(assets.len() >= 8, "{assets:?}");
    for [source, destination, mode] in &assets {
        assert!(!destination.starts_with('/'), "{destination}");
        assert!(["644", "755", "600"].contains(&mode.as_str()), "{source}: {mode}");
        assert_eq!(mode == "755", destination.contains("bin/"), "{source}: {mode}");
        if source == "target/release/hearth-hub" {
            continue;
        }
        let (folder, name) = source.rsplit_once('/').expect("a path from hub/");
        let folder = place("hub").join(folder);
        let fits = |found: &str| match name.split_once('*') {
            Some((head, tail)) => found.starts_with(head) && found.ends_with(tail),
            None => found == name,
        };
        let mut files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{source}: {error}"));
        let found = files.any(|file| fits(&file.unwrap().file_name().to_string_lossy()));
        assert!(found, "{source} is not there");
    }
    let secret = assets.iter().find(|[_, destination, _]| destination == "etc/hearth/hub.env");
    assert_eq!(secret.expect("the settings")[2], "600", "they may hold a password");
    let deb = section("package.metadata.deb");
    let units = section("package.metadata.deb.systemd-units");
    let unit = format!("{}/{}", value(&units, "unit-scripts"), value(&units, "unit-name"));
    for file in [".service", ".sysusers"] {
        assert!(place("hub").join(format!("{unit}{file}")).exists(), "{unit}{file}");
    }
    assert!(place("hub").join(value(&deb, "changelog")).exists());
    assert!(place("hub").join(value(&deb, "maintainer-scripts")).is_dir());
}

#[test]
fn scripts_are_well_formed() {
    let scripts = [
        "systemd/debian/postinst",
        "systemd/debian/postrm",
        "systemd/hearth",
        ".ci/package",
        ".ci/try-package",
        ".ci/run",
    ];
    for script in scripts {
        let text = read(script);
        let shell = text.lines().next().and_then(|line| line.strip_prefix("#!")).expect("a first line");
        let shell = shell.rsplit(['/', ' ']).next().expect("a shell");
        let checked = Command::new(shell).arg("-n").arg(place(script)).output().expect("a shell runs");
        assert!(checked.status.success(), "{script}: {}", String::from_utf8_lossy(&checked.stderr));
        assert!(text.contains("set -e"), "{script} goes on after a failure");
        if script.starts_with("systemd/debian/") {
            // cargo-deb puts its part where this stands, even inside a comment.
            assert_eq!(text.matches("#DEBHELPER#").count(), 1, "{script}");
            assert!(text.contains("\n#DEBHELPER#\n"), "{script}");
        }
    }
}

#[test]
fn purging_keeps_the_data_of_the_house() {
    let script = read("systemd/debian/postrm");
    assert!(!script.contains("rm -r"), "years of a house's life are not a package's to delete");
}

#[test]
fn the_papers_are_of_this_version() {
    let changelog = read("systemd/debian/changelog");
    let expected = format!("hearth-hub ({}-1) ", env!("CARGO_PKG_VERSION"));
    assert!(changelog.starts_with(&expected), "{expected}");
    let copyright = read("systemd/debian/copyright");
    assert!(
        copyright.starts_with("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n")
    );
    for folder in std::fs::read_dir(place("hub/web/vendor")).unwrap().map(Result::unwrap) {
        if folder.path().is_dir() {
            let name = folder.file_name().into_string().unwrap();
            let paragraph = format!("\nFiles: hub/web/vendor/{name}/*\n");
            assert!(copyright.contains(&paragraph), "{name} is not in the copyright file");
        }
    }
    let licences = copyright.lines().filter_map(|line| line.strip_prefix("License: "));
    for word in licences.flat_map(|line| line.split(" or ")).flat_map(|part| part.split(" and ")) {
        let text = copyright.split_once(&format!("\n\nLicense: {word}\n "));
        assert!(text.is_some(), "the text of {word} is missing");
    }
}
