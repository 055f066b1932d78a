//! A station without a machine: its real core on its real queue file, with a simulated clock, link and hub.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::path::PathBuf;

use hearth_shared::gs1::{self, Verb};
use hearth_shared::scanning::{Item, Mode, NamedCode, ScanId, Setting, SyncRequest};
use hearth_shared::time::Timestamp;
use hearth_station::core::burst::{Profile, Suffix};
use hearth_station::core::keys::{Case, Press, Separator, Typing, function_key};
use hearth_station::core::layout::Layout;
use hearth_station::core::mode::Defaults;
use hearth_station::core::screen::{Screen, Shown};
use hearth_station::core::strokes::strokes;
use hearth_station::core::sync::{Failure, Link};
use hearth_station::core::words::Language::English;
use hearth_station::core::{
    Button, Draft, Event, Input, Moment, Output, Recovered, Setup, Signal, State, step,
};
use hearth_station::queue::{Opened, Queue};

use super::disk::after_a_cut;
use super::hub::{Hub, KNOWN};

/// Half past six in the evening, by the hub's clock, when each story begins.
const BEGIN: i64 = 1_795_199_400_000;
/// How long an answer takes.
const LATENCY: i64 = 5;

/// How the way to the hub is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Net {
    Up,
    Down,
    /// Requests arrive, answers are lost.
    Deaf,
    /// Each request arrives twice.
    Twice,
    /// Requests arrive when nobody waits for their answers any more, behind later ones.
    Late,
    Busy,
    Revoked,
}

/// A station and its surroundings.
pub(crate) struct World {
    folder: PathBuf,
    state: Option<State>,
    queue: Option<Queue>,
    setup: Setup,
    limit: u64,
    pub(crate) hub: Hub,
    pub(crate) net: Net,
    /// The true time since the story began; the machine's own starts at each boot.
    now: i64,
    booted: i64,
    boots: u32,
    /// How wrong the machine's clock is, and whether it has been set.
    clock: i64,
    right: bool,
    profiles: BTreeMap<u32, Profile>,
    /// Answers on their way, by when they arrive.
    coming: Vec<(i64, Event)>,
    /// Requests on their way, for how long nobody knows.
    late: Vec<SyncRequest>,
    /// What is to happen at this moment, in order.
    next: VecDeque<Event>,
    busy: bool,
    /// How often the station has called its hub, reached or not.
    calls: usize,
    /// How often it has connected to it before there was something to send.
    connects: usize,
    /// The disk says that it has written what it has not: the station's word is worth nothing then.
    pub(crate) forgetful: bool,
    /// How many things are done before the plug is pulled.
    fuse: Option<u64>,
    /// The queue's disk does not answer.
    stalled: bool,
    waiting_drafts: Vec<Draft>,
    /// Scans that the station has said are safe.
    pub(crate) safe: Vec<ScanId>,
    drafts: BTreeMap<i64, ScanId>,
    /// Scans that the hub would not have, and that the station keeps apart.
    pub(crate) aside: Vec<i64>,
    screen: Option<Screen>,
    pub(crate) told: Vec<String>,
    seed: u64,
}

impl World {
    pub(crate) fn new(folder: PathBuf) -> World {
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        World {
            folder,
            state: None,
            queue: None,
            setup: Setup {
                defaults: Defaults { mode: Mode::Consume, ..Defaults::default() },
                button: vec![Mode::Consume, Mode::Add],
                paired: true,
            },
            limit: 100_000,
            hub: Hub::default(),
            net: Net::Up,
            now: 0,
            booted: 0,
            boots: 0,
            clock: 0,
            right: false,
            profiles: BTreeMap::from([(1, Profile::default())]),
            coming: Vec::new(),
            late: Vec::new(),
            next: VecDeque::new(),
            busy: false,
            calls: 0,
            connects: 0,
            fuse: None,
            forgetful: false,
            stalled: false,
            waiting_drafts: Vec::new(),
            safe: Vec::new(),
            drafts: BTreeMap::new(),
            aside: Vec::new(),
            screen: None,
            told: Vec::new(),
            seed: 1,
        }
    }

    fn up(&self) -> i64 {
        self.now - self.booted
    }

    fn moment(&self) -> Moment {
        Moment { up: self.up(), wall: BEGIN + self.now + self.clock, right: self.right }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.state.is_some()
    }

    pub(crate) fn boot(&mut self) {
        self.boots += 1;
        // A machine is up for a while before the station starts.
        self.booted = self.now - 2_000;
        let boot = format!("boot-{}", self.boots);
        let Opened { queue, recovered, set_aside } =
            Queue::open(&self.folder.join("queue"), &boot, self.limit, self.moment().wall).unwrap();
        if set_aside.is_some() {
            self.told.push("set aside a malformed queue".into());
        }
        self.queue = Some(queue);
        self.start(recovered);
    }

    fn start(&mut self, recovered: Recovered) {
        self.seed += 1;
        self.state = Some(State::new(self.setup.clone(), recovered, self.seed));
        self.event(Event::Started);
        let anna = Item { id: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(), name: "Anna".into() };
        self.event(Event::Called { places: Vec::new(), people: vec![anna], language: English });
        for (number, profile) in self.profiles.clone() {
            self.event(Event::Plugged { number, name: format!("scanner {number}"), profile });
        }
    }

    /// The plug will be pulled when so many things were done.
    pub(crate) fn cut_after(&mut self, things: u64) {
        self.fuse = Some(things);
    }

    fn plug_is_pulled(&mut self) -> bool {
        match &mut self.fuse {
            Some(0) => {
                self.fuse = None;
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    /// The plug is pulled: what is on the disk stays as it is this moment.
    pub(crate) fn cut(&mut self) {
        let (from, to) = (self.folder.join("queue"), self.folder.join("after"));
        after_a_cut(&from, &to, self.forgetful);
        self.state = None;
        self.queue = None;
        self.waiting_drafts.clear();
        self.coming.clear();
        self.next.clear();
        self.busy = false;
        self.stalled = false;
        (self.screen, self.right) = (None, false);
        std::fs::remove_dir_all(&from).unwrap();
        std::fs::rename(&to, &from).unwrap();
    }

    /// Something happens at the present moment, with all that follows at once.
    pub(crate) fn event(&mut self, event: Event) {
        self.next.push_back(event);
        if std::mem::replace(&mut self.busy, true) {
            return;
        }
        while let Some(event) = self.next.pop_front() {
            let at = self.moment();
            let Some(state) = &mut self.state else { continue };
            for output in step(state, Input { at, event }) {
                self.follow(output);
                if self.plug_is_pulled() {
                    self.cut();
                    return;
                }
            }
        }
        self.busy = false;
    }

    fn follow(&mut self, output: Output) {
        match output {
            Output::Store(draft) => {
                self.drafts.insert(draft.seq, draft.id);
                self.waiting_drafts.push(draft);
                if !self.stalled {
                    self.store();
                }
            }
            Output::FixTime { started } => self.queue.as_mut().unwrap().fix_time(started).unwrap(),
            Output::Fetch { most } => {
                let request = self.queue.as_ref().unwrap().fetch(most).unwrap();
                self.event(Event::Found(request));
            }
            Output::Settle(seqs) => {
                let left = self.queue.as_mut().unwrap().settle(&seqs, 0).unwrap();
                self.event(Event::Settled { left });
            }
            Output::Note(lost) => self.queue.as_mut().unwrap().note(&lost).unwrap(),
            Output::SetAside { seq, why } => {
                self.told.push(format!("set aside: {why}"));
                self.aside.push(seq);
                let left = self.queue.as_mut().unwrap().set_aside(seq, &why, 0).unwrap();
                self.event(Event::Settled { left });
            }
            Output::Greet { .. } => {
                let hub = Some(BEGIN + self.now);
                self.travel(|_| Event::Greeted { hub });
            }
            Output::Connect => self.connects += 1,
            Output::AskSetting => self.told.push("asks what to do".into()),
            Output::Send(request) => {
                if self.net == Net::Late {
                    self.late.push(request.clone());
                }
                let twice = self.net == Net::Twice;
                self.travel(|hub| {
                    let first = hub.take(&request);
                    if twice { hub.take(&request) } else { first }
                });
            }
            Output::Signal(Signal { tone, kept }) => {
                let tone = format!("{tone:?}").to_lowercase();
                self.told.push(if kept { format!("{tone}, kept") } else { tone });
            }
            Output::Show(screen) => self.screen = Some(screen),
            Output::Say(_, sentence) => self.told.push(format!("“{sentence}”")),
        }
    }

    fn travel(&mut self, ask: impl FnOnce(&mut Hub) -> Event) {
        self.calls += 1;
        let event = match self.net {
            Net::Up | Net::Twice => {
                let answer = ask(&mut self.hub);
                std::mem::take(&mut self.late).iter().for_each(|request| drop(self.hub.take(request)));
                answer
            }
            Net::Late => Event::Failed(Failure::Away("no answer".into())),
            Net::Deaf => {
                ask(&mut self.hub);
                Event::Failed(Failure::Away("no answer".into()))
            }
            Net::Down => Event::Failed(Failure::Away("no network".into())),
            Net::Busy => Event::Failed(Failure::Busy(std::time::Duration::from_secs(7))),
            Net::Revoked => Event::Failed(Failure::Revoked),
        };
        self.coming.push((self.now + LATENCY, event));
    }

    /// What waits for the disk is stored.
    fn store(&mut self) {
        let drafts = std::mem::take(&mut self.waiting_drafts);
        if drafts.is_empty() || !self.is_on() {
            return;
        }
        let stored = self.queue.as_mut().unwrap().store(&drafts).unwrap();
        for (draft, refused) in drafts.into_iter().zip(stored) {
            match refused {
                Some(why) => self.event(Event::NotStored { seq: draft.seq, why }),
                None => {
                    self.safe.push(draft.id);
                    let known = KNOWN.iter().find(|(code, _)| *code == draft.key);
                    let named = known.map(|(code, name)| NamedCode {
                        code: (*code).into(),
                        name: (*name).into(),
                        product_id: None,
                        quantity: None,
                        unit: None,
                    });
                    self.event(Event::Stored { seq: draft.seq, named });
                }
            }
        }
    }

    /// Time passes: answers arrive and deadlines come, each at its moment.
    pub(crate) fn pass(&mut self, span: i64) {
        let until = self.now + span;
        while self.is_on() {
            let answer = self.coming.iter().map(|(at, _)| *at).min();
            let deadline = self.state.as_ref().and_then(State::deadline).map(|up| up + self.booted);
            let Some(next) = answer.into_iter().chain(deadline).min().filter(|&next| next <= until) else {
                break;
            };
            self.now = self.now.max(next);
            match self.coming.iter().position(|(at, _)| *at <= self.now) {
                Some(place) => {
                    let (_, event) = self.coming.remove(place);
                    self.event(event);
                }
                None => self.event(Event::Tick),
            }
        }
        self.now = until;
    }

    /// Types a code on some scanners at once, a key of each in turn, three milliseconds apart.
    pub(crate) fn type_codes(&mut self, codes: &[(u32, &str)]) {
        let typed = codes.iter().map(|&(number, code)| {
            let profile = self.profiles.get(&number).cloned().unwrap_or_default();
            let end = match profile.suffix {
                Suffix::Any | Suffix::Enter => "\r",
                Suffix::Tab => "\t",
                Suffix::Line => "\n",
                Suffix::Pause => "",
            };
            let text = format!("{}{}{end}", profile.prefix, code.replace('␝', "\u{1d}").replace('_', " "));
            (number, strokes(profile.typing, &text))
        });
        let typed: Vec<_> = typed.collect();
        let longest = typed.iter().map(|(_, strokes)| strokes.len()).max().unwrap_or(0);
        for place in 0..longest {
            for (number, strokes) in &typed {
                if let Some(&(key, press)) = strokes.get(place) {
                    self.press(*number, key, press);
                }
            }
            self.pass(3);
        }
    }

    /// A code whose keys are taken so many milliseconds after the first was pressed.
    pub(crate) fn late(&mut self, by: i64, code: &str) {
        let first = self.up();
        self.now += by;
        for (place, (key, press)) in strokes(Typing::default(), &format!("{code}\r")).into_iter().enumerate()
        {
            self.event(Event::Key { number: 1, key, press, at: first + 3 * place as i64 });
        }
    }

    pub(crate) fn press(&mut self, number: u32, key: u16, press: Press) {
        let at = self.up();
        self.event(Event::Key { number, key, press, at });
    }

    /// Does one word of a story.
    pub(crate) fn word(&mut self, word: &str) {
        let (verb, about) = word.split_once(':').unwrap_or((word, ""));
        match verb {
            "boot" => self.boot(),
            "power" => self.cut(),
            "scan" => self.type_codes(&[(1, about)]),
            "scan2" => self.type_codes(&[(2, about)]),
            "both" => {
                let (one, other) = about.split_once('&').unwrap();
                self.type_codes(&[(1, one), (2, other)]);
            }
            "card" => {
                let (verb, argument) = about.split_once('=').unwrap_or((about, ""));
                self.type_codes(&[(1, &card(verb, argument))]);
            }
            "typed" => self.event(Event::Typed(about.as_bytes().to_vec())),
            "button" => self.event(Event::Button(if about == "long" { Button::Long } else { Button::Short })),
            "wait" => {
                let (number, unit) = about.split_at(about.find(|c: char| !c.is_ascii_digit()).unwrap());
                let unit = match unit {
                    "ms" => 1,
                    "s" => 1_000,
                    "min" => 60_000,
                    "h" => 3_600_000,
                    "d" => 86_400_000,
                    other => panic!("{other}"),
                };
                self.pass(number.parse::<i64>().unwrap() * unit);
            }
            "net" => {
                self.net = match about {
                    "up" => Net::Up,
                    "down" => Net::Down,
                    "deaf" => Net::Deaf,
                    "twice" => Net::Twice,
                    "late" => Net::Late,
                    "busy" => Net::Busy,
                    "revoked" => Net::Revoked,
                    other => panic!("{other}"),
                };
            }
            "calls" => self.told.push(format!("{} calls", std::mem::take(&mut self.calls))),
            "connects" => self.told.push(format!("{} connects", std::mem::take(&mut self.connects))),
            "live" => self.event(Event::Reachable),
            "plug" => self.plug(about),
            "overrun" => {
                let at = self.up();
                self.event(Event::Overrun { number: about.parse().unwrap(), at });
            }
            "unplug" => {
                let at = self.up();
                self.event(Event::Unplugged { number: about.parse().unwrap(), at });
            }
            "keys" => {
                for (key, press) in strokes(Typing::default(), about) {
                    self.press(1, key, press);
                    self.pass(3);
                }
            }
            "web" => self.web(about),
            "queue" => self.disk(about),
            "hub" => self.tell_hub(about),
            "clock" => match about {
                "right" => (self.clock, self.right) = (0, true),
                wrong => self.clock = wrong.parse::<i64>().unwrap() * 1000,
            },
            "limit" => self.limit = about.parse().unwrap(),
            other => panic!("no such word: {other}"),
        }
    }

    fn plug(&mut self, about: &str) {
        let mut words = about.split(',');
        let number = words.next().unwrap().parse().unwrap();
        let mut profile = Profile::default();
        for word in words {
            if let Some(layout) = Layout::of(word) {
                profile.typing.layout = layout;
            } else if let Some(number) = word.strip_prefix('F') {
                profile.typing.separator = Separator::Key(function_key(number.parse().unwrap()).unwrap());
            } else if let Some(chosen) = word.strip_prefix("sep=") {
                profile.typing.separator = Separator::Character(chosen.chars().next().unwrap());
            } else if let Some(prefix) = word.strip_prefix("prefix=") {
                profile.prefix = prefix.to_owned();
            } else if word == "caps" {
                profile.typing.case = Case::Swapped;
            } else {
                profile.suffix = Suffix::of(word).unwrap();
            }
        }
        self.profiles.insert(number, profile.clone());
        self.event(Event::Plugged { number, name: format!("scanner {number}"), profile });
    }

    fn web(&mut self, about: &str) {
        let (mode, until) = about.split_once('+').unwrap_or((about, ""));
        let seconds: i64 = until.parse().unwrap_or(600);
        let until = Some(Timestamp::from_millis(BEGIN + self.now + seconds * 1000));
        let setting = Setting { mode: Mode::of(mode).unwrap(), person_id: None, place_id: None, until };
        self.event(Event::Setting { setting, usual: None });
    }

    fn disk(&mut self, about: &str) {
        match about {
            "stall" => self.stalled = true,
            "go" => {
                self.stalled = false;
                self.store();
            }
            "damage" => {
                let file = self.folder.join("queue/queue.db");
                std::fs::write(&file, vec![b'?'; 8192]).unwrap();
                drop(std::fs::remove_file(self.folder.join("queue/queue.db-wal")));
            }
            other => panic!("{other}"),
        }
    }

    fn tell_hub(&mut self, about: &str) {
        let (verb, about) = about.split_once('=').unwrap_or((about, ""));
        match verb {
            "poison" => self.hub.poison = Some(about.to_owned()),
            "refuses" => self.hub.refuses = Some(about.to_owned()),
            "most" => self.hub.most = about.parse().ok(),
            other => panic!("{other}"),
        }
    }

    /// What the display shows, in a line.
    pub(crate) fn display(&self) -> String {
        let Some(screen) = &self.screen else { return "dark".into() };
        let mut line = match &screen.shown {
            Shown::Ready => "ready".to_owned(),
            Shown::Note { note, .. } => note.says(English),
            Shown::Code(code) => code.clone(),
            Shown::Item(item) => {
                let mut line = item.title.clone();
                if let (Some(before), Some(after)) = (item.before, item.after) {
                    let _ = write!(line, " {before} → {after}");
                }
                if let Some(expiry) = &item.expiry {
                    let _ = write!(line, " {} {}", expiry.kind, expiry.date);
                }
                item.wrong.iter().for_each(|wrong| line.push_str(&format!(" !{}", wrong.meaning())));
                item.warnings.iter().for_each(|warning| line.push_str(&format!(" !{warning}")));
                line
            }
        };
        let _ = write!(line, " | {}", screen.mode.word());
        for extra in [&screen.person, &screen.place].into_iter().flatten() {
            let _ = write!(line, " {extra}");
        }
        if let Some(times) = screen.times {
            let _ = write!(line, " ×{times}");
        }
        let link = match screen.link {
            Link::Unpaired => "unpaired",
            Link::Unknown => "?",
            Link::Up => "up",
            Link::Away => "away",
            Link::Revoked => "revoked",
        };
        let _ = write!(line, " | {link}");
        if screen.unsent > 0 {
            let _ = write!(line, " {}", screen.unsent);
        }
        line
    }

    /// Lets everything arrive, and checks that what was safe is there once, and nothing else is.
    pub(crate) fn settle(&mut self) {
        if !self.is_on() {
            self.boot();
        }
        self.net = Net::Up;
        self.hub.most = None;
        (self.stalled, self.fuse) = (false, None);
        self.store();
        for _ in 0..200 {
            self.pass(10_000);
            if self.state.as_ref().unwrap().waiting() == 0 {
                break;
            }
        }
        let aside: Vec<_> = self.aside.iter().filter_map(|seq| self.drafts.get(seq)).collect();
        let mut wanted: Vec<_> = self.safe.iter().filter(|id| !aside.contains(id)).collect();
        let mut there: Vec<_> = self.hub.applied.iter().map(|scan| &scan.scan_id).collect();
        // What was stored in the moment before the plug was pulled, and not said to be, is there as well.
        wanted.extend(
            there.iter().filter(|id| !self.safe.contains(id) && self.drafts.values().any(|it| it == **id)),
        );
        wanted.sort_unstable();
        there.sort_unstable();
        assert_eq!(there, wanted, "what arrived, and what was safe");
        self.queue.as_ref().unwrap().check().unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.queue = None;
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// The text of a command card.
pub(crate) fn card(verb: &str, argument: &str) -> String {
    let verb = match verb {
        "mode" => Verb::Mode,
        "quantity" => Verb::Quantity,
        "person" => Verb::Person,
        "place" => Verb::Place,
        "undo" => Verb::Undo,
        "confirm" => Verb::Confirm,
        "cancel" => Verb::Cancel,
        other => panic!("{other}"),
    };
    gs1::command(verb, &argument.to_uppercase().replace('-', "")).unwrap()
}
