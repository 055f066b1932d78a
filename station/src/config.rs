//! How a station is set up: one file, all of it optional.

use std::path::{Path, PathBuf};

use hearth_shared::id::Id;
use hearth_shared::scanning::Mode;
use serde::Deserialize;

use crate::core::Setup;
use crate::core::burst::{GAP_MS, Profile, Suffix};
use crate::core::keys::{Case, Separator, Typing, function_key};
use crate::core::layout::Layout;
use crate::core::mode::Defaults;
use crate::queue;

/// Where the file is looked for.
pub const PATH: &str = "/etc/hearth/station.toml";
/// Where the state is kept when nothing else is said, by a service.
pub const STATE: &str = "/var/lib/hearth-station";

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub mode: Mode,
    pub place: Option<Id>,
    pub idle_minutes: u32,
    pub queue_limit: u64,
    pub scanner: Vec<Scanner>,
    pub ignore: Vec<String>,
    pub button: Option<Button>,
    pub lamp: Option<Lamp>,
    pub buzzer: Option<Buzzer>,
    pub display: Option<Display>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            mode: Mode::Add,
            place: None,
            idle_minutes: 10,
            queue_limit: queue::LIMIT,
            scanner: Vec::new(),
            ignore: Vec::new(),
            button: None,
            lamp: None,
            buzzer: None,
            display: None,
        }
    }
}

/// One scanner, or all that fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scanner {
    /// Part of its name, its path or its serial number, as `hearth-station devices` shows them. Or the path of a
    /// serial line.
    #[serde(rename = "match")]
    pub fits: String,
    pub name: Option<String>,
    pub layout: Option<String>,
    pub caps_swapped: Option<bool>,
    /// `control`, `F8` or one character.
    pub separator: Option<String>,
    pub suffix: Option<String>,
    pub prefix: Option<String>,
    pub gap_ms: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// The number of the line, by the chip's own counting (BCM on a Raspberry Pi).
    pub line: u8,
    #[serde(default = "two_modes")]
    pub modes: Vec<Mode>,
}

fn two_modes() -> Vec<Mode> {
    vec![Mode::Add, Mode::Consume]
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lamp {
    pub red: Option<u8>,
    pub green: Option<u8>,
    pub amber: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buzzer {
    pub line: u8,
    /// One that makes its tone by itself and only wants power.
    #[serde(default)]
    pub active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Display {
    pub kind: DisplayKind,
    /// `/dev/i2c-1` or `/dev/spidev0.0`.
    pub bus: Option<String>,
    /// The address of an SSD1306, 60 where nothing is said.
    pub address: Option<u8>,
    /// Lines of an ST7789.
    pub data: Option<u8>,
    pub reset: Option<u8>,
    pub light: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DisplayKind {
    Ssd1306,
    St7789,
}

impl Config {
    /// Reads the file; what is wrong with it is said in a sentence. One that is not there says nothing.
    pub fn load(path: &Path) -> Result<Config, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => Config::read(&text).map_err(|why| format!("{}: {why}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
        }
    }

    pub fn read(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())?;
        for scanner in &config.scanner {
            scanner.apply(Profile::default())?;
            if scanner.fits.is_empty() {
                return Err("each [[scanner]] says by `match` which one it is about".to_owned());
            }
        }
        if config.queue_limit == 0 || config.idle_minutes == 0 {
            return Err("queue_limit and idle_minutes are above zero".to_owned());
        }
        Ok(config)
    }

    /// What the core is told.
    pub fn setup(&self, paired: bool) -> Setup {
        let defaults =
            Defaults { mode: self.mode, place: self.place, idle_ms: i64::from(self.idle_minutes) * 60_000 };
        let button = self.button.as_ref().map_or_else(two_modes, |button| button.modes.clone());
        Setup { defaults, button, paired }
    }

    /// What is said about a scanner that is known by any of these words.
    pub fn scanner(&self, words: &[&str]) -> Option<&Scanner> {
        self.scanner.iter().find(|scanner| words.iter().any(|word| word.contains(&scanner.fits)))
    }

    pub fn ignores(&self, words: &[&str]) -> bool {
        self.ignore.iter().any(|part| words.iter().any(|word| word.contains(part)))
    }
}

impl Scanner {
    /// Puts what is said over what was learnt.
    pub fn apply(&self, learnt: Profile) -> Result<Profile, String> {
        let Profile { typing, suffix, gap_ms, prefix } = learnt;
        let layout = self.layout.as_deref().map(|word| {
            Layout::of(word).ok_or_else(|| format!("there is no layout {word}: us, de, fr and uk are known"))
        });
        let ends = self.suffix.as_deref().map(|word| {
            let known = || "any, enter, tab, line and pause are known";
            Suffix::of(word).ok_or_else(|| format!("there is no suffix {word}: {}", known()))
        });
        let case = self.caps_swapped.map(|swapped| if swapped { Case::Swapped } else { Case::Kept });
        Ok(Profile {
            typing: Typing {
                layout: layout.transpose()?.unwrap_or(typing.layout),
                case: case.unwrap_or(typing.case),
                separator: match self.separator.as_deref() {
                    Some(word) => separator(word)?,
                    None => typing.separator,
                },
            },
            suffix: ends.transpose()?.unwrap_or(suffix),
            gap_ms: self.gap_ms.map_or(gap_ms, |gap| i64::from(gap.clamp(20, 5_000))),
            prefix: self.prefix.clone().unwrap_or(prefix),
        })
    }
}

fn separator(word: &str) -> Result<Separator, String> {
    let mut characters = word.chars();
    match (word, characters.next(), characters.next()) {
        ("control", ..) => Ok(Separator::Control),
        (_, Some(character), None) => Ok(Separator::Character(character)),
        _ => {
            let number = word.strip_prefix(['F', 'f']).and_then(|number| number.parse().ok());
            let key = number.and_then(function_key).map(Separator::Key);
            key.ok_or_else(|| format!("a separator is control, F1 to F24 or one character, and not {word}"))
        }
    }
}

/// The words of a profile, as the file has them.
pub fn words_of(profile: &Profile) -> String {
    let separator = match profile.typing.separator {
        Separator::Control => "control".to_owned(),
        Separator::Character(character) => character.to_string(),
        Separator::Key(key) => {
            crate::core::keys::function_number(key).map_or_else(|| "control".to_owned(), |n| format!("F{n}"))
        }
    };
    let quoted = |text: &str| toml::Value::from(text).to_string();
    format!(
        "layout = \"{}\"\ncaps_swapped = {}\nseparator = {}\nsuffix = \"{}\"\nprefix = {}\ngap_ms = {}\n",
        profile.typing.layout.word(),
        profile.typing.case == Case::Swapped,
        quoted(&separator),
        profile.suffix.word(),
        quoted(&profile.prefix),
        profile.gap_ms,
    )
}

/// Where profiles are kept that were learnt.
fn learnt_path(state: &Path) -> PathBuf {
    state.join("scanners.toml")
}

/// Profiles that were learnt, as `[[scanner]]` parts like those of the file.
pub fn learnt(state: &Path) -> Vec<Scanner> {
    let text = std::fs::read_to_string(learnt_path(state)).unwrap_or_default();
    Config::read(&text).map(|config| config.scanner).unwrap_or_default()
}

/// Keeps the profile of one scanner, in place of what was known of it.
pub fn keep_learnt(state: &Path, fits: &str, profile: &Profile) -> std::io::Result<()> {
    let others = learnt(state).into_iter().filter(|scanner| scanner.fits != fits);
    let mut text =
        "# Learnt by `hearth-station learn`. What /etc/hearth/station.toml says counts before this.\n"
            .to_owned();
    let others = others.filter_map(|other| {
        let profile = other.apply(Profile::default()).ok()?;
        Some((other.fits, profile))
    });
    for (fits, profile) in others.chain([(fits.to_owned(), profile.clone())]) {
        let fits = toml::Value::from(fits);
        text.push_str(&format!("\n[[scanner]]\nmatch = {fits}\n{}", words_of(&profile)));
    }
    std::fs::create_dir_all(state)?;
    let beside = state.join("scanners.toml.new");
    std::fs::write(&beside, text)?;
    std::fs::rename(beside, learnt_path(state))
}

/// The profile of a scanner: what the file says, over what was learnt, over what most scanners do.
pub fn profile(config: &Config, learnt: &[Scanner], words: &[&str]) -> Profile {
    let known = learnt.iter().find(|scanner| words.iter().any(|word| word.contains(&scanner.fits)));
    let base = Profile { gap_ms: GAP_MS, ..Profile::default() };
    let base = known.and_then(|scanner| scanner.apply(base.clone()).ok()).unwrap_or(base);
    let said = config.scanner(words).and_then(|scanner| scanner.apply(base.clone()).ok());
    said.unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_is_sensible_and_so_is_the_example() {
        assert_eq!(Config::read("").unwrap(), Config::default());
        let example = include_str!("../../systemd/station.toml");
        assert_eq!(Config::read(example).unwrap(), Config::default(), "all of it is commented out");
        let said: String = example.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).fold(
            String::new(),
            |mut text, line| {
                text.push_str(line);
                text.push('\n');
                text
            },
        );
        let config = Config::read(&said).unwrap();
        assert_eq!(config.scanner.len(), 2);
        assert!(config.button.is_some() && config.lamp.is_some() && config.display.is_some());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, why) in [
            ("mode = \"eat\"", "unknown variant"),
            ("colour = 1", "unknown field"),
            ("[[scanner]]\nmatch = \"x\"\nlayout = \"xx\"", "there is no layout xx"),
            ("[[scanner]]\nmatch = \"x\"\nseparator = \"F99\"", "a separator is"),
            ("[[scanner]]\nlayout = \"de\"", "match"),
            ("queue_limit = 0", "above zero"),
        ] {
            let error = Config::read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn what_was_learnt_is_kept_and_the_file_counts_before_it() {
        let folder = std::env::temp_dir().join(format!("hearth-config-{}", std::process::id()));
        let typing = Typing { layout: Layout::Fr, case: Case::Swapped, separator: Separator::Character('"') };
        let one = Profile { typing, suffix: Suffix::Tab, gap_ms: 100, prefix: "a\"b".into() };
        let two = Profile { typing: Typing { separator: Separator::Key(66), ..typing }, ..one.clone() };
        keep_learnt(&folder, "usb-1", &Profile::default()).unwrap();
        keep_learnt(&folder, "usb-2", &two).unwrap();
        keep_learnt(&folder, "usb-1", &one).unwrap();
        let learnt = learnt(&folder);
        drop(std::fs::remove_dir_all(&folder));
        let nothing = Config::default();
        assert_eq!(profile(&nothing, &learnt, &["Scanner", "usb-1/input0"]), one);
        assert_eq!(profile(&nothing, &learnt, &["Scanner", "usb-2/input0"]), two);
        assert_eq!(profile(&nothing, &learnt, &["Scanner", "usb-3/input0"]), Profile::default());
        let said = Config::read("[[scanner]]\nmatch = \"usb-2\"\nlayout = \"uk\"").unwrap();
        let found = profile(&said, &learnt, &["usb-2/input0"]);
        assert_eq!((found.typing.layout, found.suffix), (Layout::Uk, Suffix::Tab));
    }
}
