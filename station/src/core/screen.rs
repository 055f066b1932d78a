//! What the display shows, whatever kind of display it is.

use hearth_shared::amount::Amount;
use hearth_shared::scanning::{Mode, Tone, Until};

use super::sync::Link;

/// Everything that is to be seen at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    pub mode: Mode,
    pub person: Option<String>,
    pub place: Option<String>,
    /// The next scan counts this often.
    pub times: Option<Amount>,
    pub shown: Shown,
    pub link: Link,
    pub unsent: u64,
}

/// What the largest part of the display is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Nothing was scanned yet.
    #[default]
    Ready,
    /// The last item.
    Item(ItemShown),
    /// A short text, and whether it is good news.
    Note { text: String, tone: Tone },
    /// The six digits to type in the web app.
    Code(String),
}

/// The last item that was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemShown {
    pub title: String,
    /// The hub has said what became of it; before, this is what the station knows.
    pub settled: bool,
    pub before: Option<Amount>,
    pub after: Option<Amount>,
    pub unit: Option<String>,
    pub expiry: Option<Until>,
    pub warnings: Vec<String>,
    pub lines: Vec<String>,
    pub tone: Tone,
}

impl ItemShown {
    pub fn provisional(title: String, tone: Tone) -> ItemShown {
        ItemShown {
            title,
            settled: false,
            before: None,
            after: None,
            unit: None,
            expiry: None,
            warnings: Vec::new(),
            lines: Vec::new(),
            tone,
        }
    }
}
