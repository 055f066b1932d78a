//! What a station thinks: codes out of keys, modes, and what goes to the hub when.
//!
//! Nothing here knows a file, a thread, a socket or a clock: [`step`] takes what happened with the moment at
//! which it did, and says what is to be done. Nothing is told to a person before it is stored: a scan goes out
//! as [`Output::Store`], and only its [`Event::Stored`] makes the station beep.

pub mod burst;
pub mod keys;
pub mod layout;
pub mod learn;
pub mod mode;
mod name;
pub mod reading;
pub mod screen;
pub mod strokes;
pub mod sync;
mod tell;
pub mod words;

use std::collections::{BTreeMap, VecDeque};

use hearth_shared::amount::Amount;
use hearth_shared::gs1::{self, Separators, Verb};
use hearth_shared::id::Id;
use hearth_shared::scanning::{Item, Mode, NamedCode, ScanId, Setting, SyncAnswer, SyncRequest, Tone};
use hearth_shared::time::Timestamp;

use burst::{Burst, Bursts, Code, Loss, Profile};
use keys::Press;
use mode::{Defaults, Standing};
use name::Namer;
use reading::Reading;
use screen::{Screen, Shown};
use sync::{Failure, Step, Sync};
use tell::Told;
use words::Language;

/// How many scans can be taken back, one after the other.
const UNDOABLE: usize = 50;
/// How old a scan may be when the hub's answer to it is worth a sound.
const FRESH_MS: i64 = 5_000;

/// When something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the machine started.
    pub up: i64,
    /// What the clock of the machine says.
    pub wall: i64,
    /// Whether that clock was set by one that is right.
    pub right: bool,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    pub at: Moment,
    pub event: Event,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The station begins.
    Started,
    /// A scanner is there. `number` names it until it is unplugged.
    Plugged {
        number: u32,
        name: String,
        profile: Profile,
    },
    Unplugged {
        number: u32,
        at: i64,
    },
    /// A key of a scanner, at the kernel's time.
    Key {
        number: u32,
        key: u16,
        press: Press,
        at: i64,
    },
    /// Bytes from a scanner on a serial line.
    Bytes {
        number: u32,
        bytes: Vec<u8>,
        at: i64,
    },
    /// The kernel had no room for a scanner's keys.
    Overrun {
        number: u32,
        at: i64,
    },
    /// A code without a scanner: typed on a laptop.
    Typed(Vec<u8>),
    Button(Button),
    /// A scan is safe. What its code is called, if that is known.
    Stored {
        seq: i64,
        named: Option<NamedCode>,
    },
    NotStored {
        seq: i64,
        why: NotStored,
    },
    /// The oldest scans that wait.
    Found(SyncRequest),
    /// So many scans wait still.
    Settled {
        left: u64,
    },
    /// The queue could not do what it was asked for, or something is wrong with it.
    QueueTrouble(String),
    /// The hub is there; what its clock says.
    Greeted {
        hub: Option<i64>,
    },
    Answered(SyncAnswer),
    Failed(Failure),
    /// The live connection to the hub stands.
    Reachable,
    /// What the hub has this station do, and what it does when nobody chose anything.
    Setting {
        setting: Setting,
        usual: Option<Defaults>,
    },
    /// What places and people are called, and in which language the house is spoken to.
    Called {
        places: Vec<Item>,
        people: Vec<Item>,
        language: Language,
    },
    /// Time passed, and nothing else that happened waits to be taken.
    Tick,
}

impl Event {
    /// Whether people or their scanners did it: such events are taken in their order.
    pub fn is_input(&self) -> bool {
        use Event::{Button, Bytes, Key, Overrun, Plugged, Typed, Unplugged};
        matches!(
            self,
            Button(_)
                | Bytes { .. }
                | Key { .. }
                | Overrun { .. }
                | Plugged { .. }
                | Typed(_)
                | Unplugged { .. }
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    Short,
    Long,
}

/// Why a scan is not safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStored {
    /// As many wait as the station keeps.
    Full,
    Failed(String),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Make a scan safe; answered by `Stored` or `NotStored`.
    Store(Draft),
    /// From now on the clock of this start is known: the machine started then.
    FixTime {
        started: i64,
    },
    /// Read the oldest scans; answered by `Found`.
    Fetch {
        most: usize,
    },
    /// These are settled; answered by `Settled`.
    Settle(Vec<i64>),
    /// The hub will not have this one; answered by `Settled`.
    SetAside {
        seq: i64,
        why: String,
    },
    /// Write down that something became no scan. Not answered.
    Note(Lost),
    /// Ask the hub whether it is there; answered by `Greeted` or `Failed`.
    Greet {
        queued: u64,
    },
    /// Have a connection to the hub: something to send is coming. Not answered.
    Connect,
    /// Answered by `Answered` or `Failed`.
    Send(SyncRequest),
    /// Ask the hub what this station does; answered by `Setting`, or not at all.
    AskSetting,
    /// Tone and lamp.
    Signal(Signal),
    Show(Screen),
    /// A sentence for the log.
    Say(Gravity, String),
}

/// What is to be heard and seen from afar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    pub tone: Tone,
    /// It is safe here, and the hub does not know it yet.
    pub kept: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    Info,
    Warning,
    Error,
}

/// A scan on its way into the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub id: ScanId,
    pub seq: i64,
    /// As it came from the scanner.
    pub code: Vec<u8>,
    /// Under which the code's name is looked up.
    pub key: String,
    pub scanner: String,
    pub mode: Mode,
    pub quantity: Option<Amount>,
    pub person: Option<Id>,
    pub place: Option<Id>,
    pub undoes: Option<ScanId>,
    /// Whether a later undo can mean it.
    pub undoable: bool,
    /// When its last key came.
    pub up: i64,
    pub wall: i64,
}

/// Something that was scanned and became no scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    pub scanner: String,
    pub loss: Loss,
    pub wall: i64,
}

/// A scan that an undo can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoable {
    pub id: ScanId,
    pub title: String,
}

/// How a station is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    pub defaults: Defaults,
    /// The modes of the button, in order.
    pub button: Vec<Mode>,
    /// Whether there is a hub to send to.
    pub paired: bool,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup { defaults: Defaults::default(), button: vec![Mode::Add, Mode::Consume], paired: true }
    }
}

/// What was known at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The number of the last scan.
    pub last: i64,
    pub waiting: u64,
    /// What can be undone, oldest first.
    pub undoable: Vec<Undoable>,
    /// When this start's machine started, if that was fixed before the program was started again.
    pub started: Option<i64>,
    /// That of the house, as it was told last.
    pub language: Language,
}

/// All that a station knows while it runs.
#[derive(Debug)]
pub struct State {
    setup: Setup,
    standing: Standing,
    sync: Sync,
    namer: Namer,
    scanners: BTreeMap<u32, Scanner>,
    /// The number of the last scan.
    seq: i64,
    /// When the machine started, once that is fixed.
    started: Option<i64>,
    /// Scans that are not safe yet, by number, with what is to be told then.
    storing: BTreeMap<i64, Told>,
    undoable: VecDeque<Undoable>,
    /// The last scan, and when it was.
    latest: Option<(ScanId, i64)>,
    /// The hub is to be asked what this station does once it has seen everything that was scanned.
    asks_later: bool,
    shown: Shown,
    screen: Option<Screen>,
    places: BTreeMap<Id, String>,
    people: BTreeMap<Id, String>,
    language: Language,
}

#[derive(Debug)]
struct Scanner {
    name: String,
    bursts: Bursts,
    separators: Separators,
}

impl State {
    /// `seed` makes ids and waits that no other station makes.
    pub fn new(setup: Setup, recovered: Recovered, seed: u64) -> State {
        State {
            standing: Standing::new(setup.defaults),
            sync: Sync::new(setup.paired, recovered.waiting),
            setup,
            namer: Namer::new(seed),
            scanners: BTreeMap::new(),
            seq: recovered.last,
            started: recovered.started,
            storing: BTreeMap::new(),
            undoable: recovered.undoable.into_iter().map(tell::called).collect(),
            latest: None,
            asks_later: false,
            shown: Shown::Ready,
            screen: None,
            places: BTreeMap::new(),
            people: BTreeMap::new(),
            language: recovered.language,
        }
    }

    /// When `Tick` is due, by the time since the machine started.
    pub fn deadline(&self) -> Option<i64> {
        let scanners = self.scanners.values().filter_map(|scanner| scanner.bursts.deadline());
        let rest = [self.standing.deadline(), self.sync.deadline()];
        scanners.chain(rest.into_iter().flatten()).min()
    }

    /// Scans that the hub has not acknowledged.
    pub fn waiting(&self) -> u64 {
        self.sync.waiting()
    }

    /// Scans that are not safe yet.
    pub fn storing(&self) -> usize {
        self.storing.len()
    }
}

/// What follows from what happened.
pub fn step(state: &mut State, input: Input) -> Vec<Output> {
    let Input { at, event } = input;
    let mut out = Vec::new();
    if state.started.is_none() && at.right {
        state.fix_time(at.wall - at.up, &mut out);
    }
    state.pass(at, &mut out);
    state.take(at, event, &mut out);
    state.show(&mut out);
    out
}

impl State {
    fn take(&mut self, at: Moment, event: Event, out: &mut Vec<Output>) {
        match event {
            Event::Started => {
                let first = self.sync.begin();
                self.follow(first, out);
            }
            Event::Plugged { number, name, profile } => self.plugged(number, name, profile, out),
            Event::Unplugged { number, at: when } => self.unplugged(number, when, at, out),
            Event::Key { number, key, press, at: when } => {
                self.burst(number, at, out, |bursts| bursts.key(key, press, when));
            }
            Event::Bytes { number, bytes, at: when } => {
                self.burst(number, at, out, |bursts| bursts.bytes(&bytes, when));
            }
            Event::Overrun { number, at: when } => {
                self.burst(number, at, out, |bursts| bursts.overrun(when));
            }
            Event::Typed(bytes) => self.scanned("", Separators::Proven, Code { bytes, at: at.up }, at, out),
            Event::Button(button) => self.button(button, at, out),
            Event::Stored { seq, named } => self.stored(seq, named, out),
            Event::NotStored { seq, why } => self.not_stored(seq, why, at, out),
            Event::Called { places, people, language } => {
                let map = |items: Vec<Item>| items.into_iter().map(|item| (item.id, item.name)).collect();
                (self.places, self.people, self.language) = (map(places), map(people), language);
            }
            Event::Setting { setting, usual } => self.set(&setting, usual, at),
            Event::Tick => self.pauses(at, out),
            other => self.converse(at, other, out),
        }
    }

    /// What concerns the queue and the hub.
    fn converse(&mut self, at: Moment, event: Event, out: &mut Vec<Output>) {
        let (now, was) = (at.up, self.sync.link());
        let namer = &mut self.namer;
        let next = match event {
            Event::Found(request) => self.sync.found(request, now),
            Event::Settled { left } => {
                let next = self.sync.settled(left, now);
                if self.asks_later {
                    self.ask_setting(out);
                }
                next
            }
            Event::QueueTrouble(why) => {
                out.push(Output::Say(Gravity::Error, format!("The queue is in trouble: {why}")));
                self.sync.stalled(now, |below| namer.below(below));
                None
            }
            Event::Greeted { hub } => {
                if self.started.is_none() {
                    self.fix_time(hub.unwrap_or(at.wall) - at.up, out);
                }
                self.sync.greeted(now)
            }
            Event::Answered(answer) => {
                let next = self.sync.answered(&answer, now, |below| namer.below(below));
                self.outcomes(&answer, at, out);
                next
            }
            Event::Failed(failure) => {
                self.say_failure(&failure, out);
                self.sync.failed(failure, now, |below| self.namer.below(below))
            }
            Event::Reachable => {
                self.ask_setting(out);
                self.sync.reachable()
            }
            _ => None,
        };
        self.say_return(was, out);
        self.follow(next, out);
    }

    /// Time passed: choices end, the hub is tried again.
    fn pass(&mut self, at: Moment, out: &mut Vec<Output>) {
        self.standing.pass(at.up);
        let next = self.sync.pass(at.up);
        self.follow(next, out);
    }

    /// Nothing has happened for a while: pauses end codes. What is late is not: its own time counts, and it is
    /// always taken before a tick.
    fn pauses(&mut self, at: Moment, out: &mut Vec<Output>) {
        let mut ended = Vec::new();
        for (&number, scanner) in &mut self.scanners {
            ended.extend(scanner.bursts.tick(at.up).map(|burst| (number, burst)));
        }
        for (number, burst) in ended {
            self.take_burst(number, burst, at, out);
        }
    }

    fn follow(&mut self, next: Option<Step>, out: &mut Vec<Output>) {
        out.extend(next.map(|step| match step {
            Step::Greet => Output::Greet { queued: self.sync.waiting() },
            Step::Connect => Output::Connect,
            Step::Fetch { most } => Output::Fetch { most },
            Step::Send(mut request) => {
                request.queued = i64::try_from(self.sync.waiting()).ok();
                Output::Send(request)
            }
            Step::Settle(seqs) => Output::Settle(seqs),
            Step::SetAside { seq, why } => Output::SetAside { seq, why },
        }));
    }

    /// From here on the times of this start are known, and stay what they are.
    fn fix_time(&mut self, started: i64, out: &mut Vec<Output>) {
        self.started = Some(started);
        out.push(Output::FixTime { started });
    }

    fn plugged(&mut self, number: u32, name: String, profile: Profile, out: &mut Vec<Output>) {
        out.push(Output::Say(Gravity::Info, format!("Scanner ready: {name}")));
        let bursts = Bursts::new(profile);
        self.scanners.insert(number, Scanner { name, bursts, separators: Separators::Unproven });
    }

    fn unplugged(&mut self, number: u32, when: i64, at: Moment, out: &mut Vec<Output>) {
        let Some(mut scanner) = self.scanners.remove(&number) else { return };
        out.push(Output::Say(Gravity::Warning, format!("Scanner gone: {}", scanner.name)));
        if let Some(Burst::Lost(loss)) = scanner.bursts.unplugged(when) {
            self.lost(&scanner.name, loss, at, out);
        }
    }

    fn burst(
        &mut self,
        number: u32,
        at: Moment,
        out: &mut Vec<Output>,
        feed: impl FnOnce(&mut Bursts) -> Vec<Burst>,
    ) {
        let Some(scanner) = self.scanners.get_mut(&number) else { return };
        let found = feed(&mut scanner.bursts);
        if scanner.bursts.is_open() {
            let next = self.sync.coming(at.up);
            self.follow(next, out);
        }
        for burst in found {
            self.take_burst(number, burst, at, out);
        }
    }

    fn take_burst(&mut self, number: u32, burst: Burst, at: Moment, out: &mut Vec<Output>) {
        let Some(scanner) = self.scanners.get_mut(&number) else { return };
        let name = scanner.name.clone();
        match burst {
            Burst::Lost(loss) => self.lost(&name, loss, at, out),
            Burst::Code(code) => {
                if burst::has_separator(&code.bytes) {
                    scanner.separators = Separators::Proven;
                }
                let separators = scanner.separators;
                self.scanned(&name, separators, code, at, out);
            }
        }
    }

    /// The button: short is the next mode, long takes the last scan back. Both go to the hub as the card that
    /// says the same.
    fn button(&mut self, button: Button, at: Moment, out: &mut Vec<Output>) {
        let card = match button {
            Button::Short => {
                let next = self.standing.next(&self.setup.button);
                gs1::command(Verb::Mode, &next.word().to_ascii_uppercase())
            }
            Button::Long => gs1::command(Verb::Undo, ""),
        };
        let Some(card) = card else { return };
        self.scanned("button", Separators::Proven, Code { bytes: card.into_bytes(), at: at.up }, at, out);
    }

    /// A code came in whole.
    fn scanned(
        &mut self,
        scanner: &str,
        separators: Separators,
        code: Code,
        at: Moment,
        out: &mut Vec<Output>,
    ) {
        // The moment of the last key, by both clocks.
        let up = code.at.min(at.up);
        let wall = at.wall - (at.up - up);
        let judged = self.started.map_or(wall, |started| started + up);
        let reading = reading::read(&code.bytes, Timestamp::from_millis(judged), separators);
        let told = match self.mean(&reading, &code.bytes, at.up) {
            Ok(told) => told.on(self.started.and(reading::today(judged))),
            Err(note) => return self.note(note, Tone::Bad, out),
        };
        let key = match reading {
            Reading::Thing { key, .. } => key,
            Reading::Card { .. } => String::new(),
        };
        self.seq += 1;
        let draft = Draft {
            id: self.namer.scan(wall),
            seq: self.seq,
            code: code.bytes,
            key,
            scanner: scanner.to_owned(),
            mode: self.standing.mode,
            quantity: told.quantity,
            person: self.standing.person,
            place: self.standing.place,
            undoes: told.undoes.as_ref().map(|undone| undone.id),
            undoable: told.card.is_none() && self.standing.mode != Mode::Lookup,
            up,
            wall,
        };
        self.keep_in_mind(&draft, told);
        let next = self.sync.coming(at.up);
        self.follow(next, out);
        out.push(Output::Store(draft));
        let next = self.sync.storing();
        self.follow(next, out);
    }
}
