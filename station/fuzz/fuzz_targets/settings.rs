//! Settings: refused in a sentence or understood, and a profile that is written down reads back as it was.
#![no_main]

use hearth_station::config::{Config, words_of};
use hearth_station::core::burst::Profile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let config = match Config::read(text) {
        Ok(config) => config,
        Err(why) => return assert!(!why.is_empty()),
    };
    config.setup(true);
    for scanner in &config.scanner {
        let profile = scanner.apply(Profile::default()).expect("it was looked at when it was read");
        let written = format!("[[scanner]]\nmatch = \"x\"\n{}", words_of(&profile));
        let back = Config::read(&written).unwrap_or_else(|why| panic!("{why}: {written}"));
        assert_eq!(back.scanner[0].apply(Profile::default()), Ok(profile));
    }
});
