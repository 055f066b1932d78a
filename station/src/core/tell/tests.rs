use hearth_shared::gs1::command;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::core::{Event, Input, NotStored, Recovered, Setup, step};

const ANNA: &str = "01890A5DAC96774BBCCEB302099A8057";
/// What is scanned: cards, and things without a word.
const SCANNED: [Option<(Verb, &str)>; 9] = [
    None,
    Some((Verb::Mode, "CONSUME")),
    Some((Verb::Mode, "OPEN")),
    Some((Verb::Quantity, "6")),
    Some((Verb::Quantity, "12")),
    Some((Verb::Person, ANNA)),
    Some((Verb::Place, ANNA)),
    Some((Verb::Cancel, "")),
    Some((Verb::Confirm, "")),
];

/// Mode, person, place and how often.
type Says<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<Amount>);

/// A station whose disk is the test's.
struct Station(State, Option<Screen>);

impl Station {
    fn new() -> Station {
        Station(State::new(Setup::default(), Recovered::default(), 1), None)
    }

    /// Something happens; the numbers of what is to be made safe.
    fn take(&mut self, event: Event) -> Vec<i64> {
        let at = Moment { up: 1_000, wall: 1_795_000_000_000, right: true };
        let mut drafts = Vec::new();
        for output in step(&mut self.0, Input { at, event }) {
            match output {
                Output::Store(draft) => drafts.push(draft.seq),
                Output::Show(screen) => self.1 = Some(screen),
                _ => {}
            }
        }
        drafts
    }

    fn scan(&mut self, what: usize) -> i64 {
        let code = SCANNED[what].map(|(verb, argument)| command(verb, argument).unwrap());
        self.take(Event::Typed(code.unwrap_or_else(|| "4006381333931".to_owned()).into_bytes()))[0]
    }

    /// What the display says of the next scan.
    fn says(&self) -> Option<Says<'_>> {
        self.1.as_ref().map(|it| (it.mode.word(), it.person.as_deref(), it.place.as_deref(), it.times))
    }
}

proptest! {
    /// However much is on its way to the disk, and whichever of it is refused: in the end the station is what those
    /// make of it that were not.
    #[test]
    fn what_is_refused_leaves_nothing_behind(batches in vec(vec((0..SCANNED.len(), any::<bool>()), 0..6), 0..6)) {
        let (mut station, mut other) = (Station::new(), Station::new());
        station.take(Event::Started);
        other.take(Event::Started);
        for batch in batches {
            let seqs: Vec<i64> = batch.iter().map(|&(what, _)| station.scan(what)).collect();
            for (seq, (what, room)) in seqs.into_iter().zip(batch) {
                if room {
                    station.take(Event::Stored { seq, named: None });
                    let seq = other.scan(what);
                    other.take(Event::Stored { seq, named: None });
                } else {
                    station.take(Event::NotStored { seq, why: NotStored::Full });
                }
            }
            prop_assert_eq!(station.says(), other.says());
        }
    }
}
