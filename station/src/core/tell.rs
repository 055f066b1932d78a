//! What people are told: tone, lamp and display, and when.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::gs1::{Code, Verb};
use hearth_shared::id::Id;
use hearth_shared::scanning::{Item, NamedCode, Outcome, ScanId, Setting, Status, SyncAnswer, Tone, Until};
use hearth_shared::time::Day;

use super::burst::{self, Loss};
use super::mode::{Defaults, Standing};
use super::reading::Reading;
use super::screen::{Choice, ItemShown, Note, Screen, Shown};
use super::sync::{Failure, Link};
use super::{Draft, FRESH_MS, Gravity, Lost, Moment, NotStored, Output, Signal, State, UNDOABLE, Undoable};

/// What is to be told about a scan once it is safe, and what it takes back if it cannot be made so.
#[derive(Debug)]
pub(super) struct Told {
    id: Option<ScanId>,
    title: String,
    tone: Tone,
    pub(super) quantity: Option<Amount>,
    pub(super) undoes: Option<Undoable>,
    /// What is said of it, if it is a card.
    pub(super) card: Option<Note>,
    turn: Turn,
    expiry: Option<Until>,
    wrong: Option<Code>,
    warnings: Vec<String>,
    /// The day on which it was scanned, where that is known.
    today: Option<Day>,
}

/// What a scan has made of what the next one means, and what that was before.
#[derive(Debug)]
struct Turn {
    before: Standing,
    what: Turning,
    at: i64,
}

#[derive(Debug)]
enum Turning {
    Nothing,
    /// A card has chosen.
    Chosen(Verb, String),
    /// A thing has used up how often it counts.
    Used,
}

impl Turn {
    fn of(before: &Standing, what: Turning, at: i64) -> Turn {
        Turn { before: before.clone(), what, at }
    }

    /// The same once more, with something else before.
    fn again(&mut self, standing: &mut Standing) {
        self.before = standing.clone();
        match &self.what {
            Turning::Nothing => {}
            Turning::Chosen(verb, argument) => {
                // There is such a card: it has chosen before.
                let _ = standing.command(*verb, argument, self.at);
            }
            Turning::Used => {
                standing.used(self.at);
            }
        }
    }
}

impl Told {
    fn of(title: String, tone: Tone, turn: Turn) -> Told {
        Told {
            id: None,
            title,
            tone,
            quantity: None,
            undoes: None,
            card: None,
            turn,
            expiry: None,
            wrong: None,
            warnings: Vec::new(),
            today: None,
        }
    }

    pub(super) fn on(self, today: Option<Day>) -> Told {
        Told { today, ..self }
    }

    /// What a card says.
    fn card(note: Note, tone: Tone, turn: Turn) -> Told {
        Told { card: Some(note), ..Told::of(String::new(), tone, turn) }
    }
}

impl State {
    /// What a code means now, and what of it is at once so. What is said where it means nothing.
    pub(super) fn mean(&mut self, reading: &Reading, code: &[u8], now: i64) -> Result<Told, Note> {
        let turn = |what| Turn::of(&self.standing, what, now);
        match reading {
            Reading::Card { verb: Verb::Undo, .. } => {
                let turn = turn(Turning::Nothing);
                let undone = self.undoable.pop_back().ok_or(Note::NothingToUndo)?;
                let told = Told::card(Note::Undone(undone.title.clone()), Tone::Ok, turn);
                Ok(Told { undoes: Some(undone), ..told })
            }
            Reading::Card { verb, argument } => {
                let (nothing, chosen) =
                    (turn(Turning::Nothing), turn(Turning::Chosen(*verb, argument.clone())));
                Ok(match self.standing.command(*verb, argument, now) {
                    Ok(()) => Told::card(self.choice(*verb), Tone::Ok, chosen),
                    Err(_) => Told::card(Note::UnknownCard, Tone::Bad, nothing),
                })
            }
            Reading::Thing { key, expiry, expired, wrong } => {
                let tone = match (wrong, expired) {
                    (Some(_), _) => Tone::Bad,
                    (None, true) => Tone::Warn,
                    (None, false) => Tone::Ok,
                };
                let title = if wrong.is_some() { burst::text(code) } else { shortened(key) };
                let warnings = expired.then(|| "expired".to_owned()).into_iter().collect();
                let turn = turn(Turning::Used);
                let quantity = self.standing.used(now);
                let expiry = expiry.clone();
                Ok(Told { quantity, expiry, wrong: *wrong, warnings, ..Told::of(title, tone, turn) })
            }
        }
    }

    /// What a card has chosen.
    fn choice(&self, verb: Verb) -> Note {
        let named = |id: Option<Id>, names: &BTreeMap<Id, String>| match id {
            Some(id) => names.get(&id).cloned().map_or(Choice::Nameless, Choice::Named),
            None => Choice::Usual,
        };
        match verb {
            Verb::Mode => Note::Mode(self.standing.mode),
            Verb::Quantity => Note::Times(self.standing.quantity().unwrap_or(Amount::ONE)),
            Verb::Person => Note::Person(named(self.standing.person, &self.people)),
            Verb::Place => Note::Place(named(self.standing.place, &self.places)),
            Verb::Confirm => Note::Confirmed,
            Verb::Cancel => Note::Cancelled,
            Verb::Undo => Note::Undone(String::new()),
        }
    }

    /// A scan is on its way into the queue.
    pub(super) fn keep_in_mind(&mut self, draft: &Draft, told: Told) {
        if draft.undoable {
            self.remember(Undoable { id: draft.id, title: told.title.clone() });
        }
        self.latest = Some((draft.id, draft.up));
        self.storing.insert(draft.seq, Told { id: Some(draft.id), ..told });
    }

    fn remember(&mut self, scan: Undoable) {
        if self.undoable.len() == UNDOABLE {
            self.undoable.pop_front();
        }
        self.undoable.push_back(scan);
    }

    /// A scan is safe: now it may be heard.
    pub(super) fn stored(&mut self, seq: i64, named: Option<NamedCode>, out: &mut Vec<Output>) {
        let next = self.sync.stored();
        let Some(told) = self.storing.remove(&seq) else { return self.follow(next, out) };
        out.push(self.signal(told.tone));
        if let Some(note) = told.card {
            self.shown = Shown::Note { note, tone: told.tone };
        } else {
            let name = named.as_ref().map(|named| named.name.clone()).filter(|name| !name.is_empty());
            if let (Some(name), Some(id)) = (&name, told.id) {
                let remembered = self.undoable.iter_mut().rev().find(|scan| scan.id == id);
                remembered.into_iter().for_each(|scan| scan.title.clone_from(name));
            }
            // How much there was when the name was fetched, nobody wants to know.
            let mut item = ItemShown::provisional(name.unwrap_or(told.title), told.tone);
            item.expiry = told.expiry;
            (item.wrong, item.warnings, item.today) = (told.wrong, told.warnings, told.today);
            self.shown = Shown::Item(item);
        }
        self.follow(next, out);
    }

    /// A scan could not be made safe: it is as if it had not been, and that is heard.
    pub(super) fn not_stored(&mut self, seq: i64, why: NotStored, at: Moment, out: &mut Vec<Output>) {
        if let Some(told) = self.storing.remove(&seq) {
            self.undoable.retain(|scan| Some(scan.id) != told.id);
            told.undoes.into_iter().for_each(|undone| self.remember(undone));
            // What was scanned behind it, and is not safe yet, does what it does to what there is without it.
            self.standing = told.turn.before;
            let behind = self.storing.range_mut(seq..);
            behind.for_each(|(_, later)| later.turn.again(&mut self.standing));
            self.standing.pass(at.up);
        }
        let note = match why {
            NotStored::Full => Note::Full,
            NotStored::Failed(why) => {
                out.push(Output::Say(Gravity::Error, format!("A scan could not be stored: {why}")));
                Note::NotStored
            }
        };
        self.note(note, Tone::Bad, out);
    }

    /// Something that was scanned did not become a code.
    pub(super) fn lost(&mut self, scanner: &str, loss: Loss, at: Moment, out: &mut Vec<Output>) {
        let span = loss.span().map(|span| format!(" within {span} ms")).unwrap_or_default();
        let sentence = loss.sentence();
        // Written down before anything that is scanned after it is.
        out.push(Output::Note(Lost { scanner: scanner.to_owned(), loss, wall: at.wall }));
        out.push(Output::Say(Gravity::Warning, format!("A scan was lost, {sentence}{span}: {scanner}")));
        self.note(Note::Lost, Tone::Bad, out);
    }

    pub(super) fn note(&mut self, note: Note, tone: Tone, out: &mut Vec<Output>) {
        out.push(self.signal(tone));
        self.shown = Shown::Note { note, tone };
    }

    fn signal(&self, tone: Tone) -> Output {
        Output::Signal(Signal { tone, kept: self.sync.link() != Link::Up })
    }

    /// What the hub has this station do. It is right once it has seen every card that was scanned here; before,
    /// the station knows better, and asks again.
    pub(super) fn set(&mut self, setting: &Setting, usual: Option<Defaults>, at: Moment) {
        if self.knows_better() {
            self.asks_later = true;
            return;
        }
        let until = setting.until.zip(self.started).map(|(until, started)| until.millis() - started);
        self.standing.set(setting, until, at.up);
        usual.into_iter().for_each(|usual| self.standing.set_usual(usual));
    }

    fn knows_better(&self) -> bool {
        self.sync.waiting() > 0 || !self.storing.is_empty()
    }

    pub(super) fn ask_setting(&mut self, out: &mut Vec<Output>) {
        self.asks_later = self.knows_better();
        if !self.asks_later {
            out.push(Output::AskSetting);
        }
    }

    /// What the hub made of a batch.
    pub(super) fn outcomes(&mut self, answer: &SyncAnswer, at: Moment, out: &mut Vec<Output>) {
        let mut refused = 0;
        for outcome in &answer.outcomes {
            if outcome.status == Status::Refused {
                refused += 1;
                self.undoable.retain(|scan| scan.id != outcome.scan_id);
            }
            if let Some((latest, when)) = self.latest
                && latest == outcome.scan_id
                && self.storing.is_empty()
            {
                self.settle(outcome, at.up - when <= FRESH_MS, out);
            }
        }
        if refused > 0 {
            let sentence = format!("The hub could not book {refused} of {}", answer.outcomes.len());
            out.push(Output::Say(Gravity::Warning, sentence));
        }
    }

    /// The hub's word on the last scan takes the place of the station's.
    fn settle(&mut self, outcome: &Outcome, fresh: bool, out: &mut Vec<Output>) {
        let told = match &self.shown {
            Shown::Item(item) => item.tone,
            Shown::Note { tone, .. } => *tone,
            Shown::Ready | Shown::Code(_) => Tone::Ok,
        };
        if fresh && loudness(outcome.tone) > loudness(told) {
            out.push(self.signal(outcome.tone));
        }
        let title = outcome.product.as_ref().map(|Item { name, .. }| name.clone());
        match &mut self.shown {
            Shown::Item(item) => {
                *item = ItemShown {
                    title: title.unwrap_or_else(|| item.title.clone()),
                    settled: true,
                    before: outcome.before,
                    after: outcome.after,
                    unit: outcome.unit.clone(),
                    expiry: outcome.expiry.clone().or_else(|| item.expiry.take()),
                    wrong: None,
                    warnings: outcome.warnings.clone(),
                    lines: outcome.lines.clone(),
                    tone: outcome.tone,
                    today: item.today,
                };
            }
            // What it answered, only the hub can say.
            Shown::Note { note: note @ Note::Confirmed, tone } if !outcome.lines.is_empty() => {
                let said: Vec<&str> = outcome.lines.iter().take(2).map(String::as_str).collect();
                (*note, *tone) = (Note::Hub(said.join(": ")), outcome.tone);
            }
            // It knows the name of what was taken back, and how much there is now.
            Shown::Note { note: note @ Note::Undone(_), tone } if outcome.lines.len() > 1 => {
                let said = format!("{}: {}", outcome.lines[0], outcome.lines[1..].join(", "));
                (*note, *tone) = (Note::Hub(said), outcome.tone);
            }
            Shown::Note { note, tone } if loudness(outcome.tone) > loudness(*tone) => {
                // Its lines are in the language of the house; what else it says of a problem is English.
                let line = outcome.lines.first().cloned();
                let why = line.or_else(|| outcome.problem.as_ref().map(|problem| problem.detail.clone()));
                *note = why.map_or_else(|| note.clone(), Note::Hub);
                *tone = outcome.tone;
            }
            _ => {}
        }
    }

    /// The hub is there again, after it was said not to be.
    pub(super) fn say_return(&self, was: Link, out: &mut Vec<Output>) {
        if self.sync.link() != Link::Up || !matches!(was, Link::Away | Link::Revoked) {
            return;
        }
        let coming = match self.sync.waiting() {
            0 => String::new(),
            1 => ", and gets the scan that waited".to_owned(),
            waiting => format!(", and gets the {waiting} scans that waited"),
        };
        out.push(Output::Say(Gravity::Info, format!("The hub is there again{coming}")));
    }

    pub(super) fn say_failure(&self, failure: &Failure, out: &mut Vec<Output>) {
        let link = self.sync.link();
        let line = match failure {
            Failure::Revoked if link != Link::Revoked => {
                (Gravity::Error, "The hub does not know this station any more: pair it again".to_owned())
            }
            Failure::Away(why) if link != Link::Away => {
                (Gravity::Warning, format!("The hub is not reached: {why}"))
            }
            Failure::Refused(why) => (Gravity::Error, format!("The hub refuses what it is sent: {why}")),
            _ => return,
        };
        out.push(Output::Say(line.0, line.1));
    }

    /// Shows what there is to see, if it is not what is seen already.
    pub(super) fn show(&mut self, out: &mut Vec<Output>) {
        let named =
            |id: Id, names: &BTreeMap<Id, String>| names.get(&id).cloned().unwrap_or_else(|| "…".to_owned());
        let screen = Screen {
            language: self.language,
            mode: self.standing.mode,
            person: self.standing.person.map(|id| named(id, &self.people)),
            place: self.standing.place.map(|id| named(id, &self.places)),
            times: self.standing.quantity(),
            shown: self.shown.clone(),
            link: self.sync.link(),
            unsent: self.sync.waiting(),
        };
        if self.screen.as_ref() != Some(&screen) {
            self.screen = Some(screen.clone());
            out.push(Output::Show(screen));
        }
    }
}

fn loudness(tone: Tone) -> u8 {
    match tone {
        Tone::Ok => 0,
        Tone::Warn => 1,
        Tone::Bad => 2,
    }
}

/// A scan of an earlier start, of which only the number is known.
pub(super) fn called(scan: Undoable) -> Undoable {
    Undoable { title: shortened(&scan.title), ..scan }
}

/// A number without the zeros that pad it to 14 digits.
fn shortened(key: &str) -> String {
    let padded = key.len() == 14 && key.bytes().all(|byte| byte.is_ascii_digit());
    let digits = key.trim_start_matches('0');
    match digits.len() {
        _ if !padded => key.to_owned(),
        9..=12 => format!("{digits:0>12}"),
        length if length < 9 => format!("{digits:0>8}"),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests;
