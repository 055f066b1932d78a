//! The hub, as a story has it: it checks what a station promises.

use std::collections::HashMap;

use hearth_shared::amount::Amount;
use hearth_shared::scanning::{
    Item, Outcome, Refusal, ScanId, Scanned, Status, SyncAnswer, SyncRequest, Tone,
};
use hearth_station::core::Event;
use hearth_station::core::sync::Failure;

/// A house that knows some codes.
pub(crate) const KNOWN: [(&str, &str); 3] =
    [("04006381333931", "Oat milk"), ("00000096385074", "Salt"), ("09501101530003", "Yoghurt")];

/// Asks a real hub.
pub(crate) type Real = Box<dyn FnMut(&SyncRequest) -> SyncAnswer>;

/// The hub, as far as a station sees it.
#[derive(Default)]
pub(crate) struct Hub {
    /// In the order in which they came.
    pub(crate) applied: Vec<Scanned>,
    index: HashMap<ScanId, usize>,
    /// A code that the hub cannot make sense of: the whole batch is refused.
    pub(crate) poison: Option<String>,
    /// A code that the hub refuses for good, by its outcome.
    pub(crate) refuses: Option<String>,
    pub(crate) requests: usize,
    /// Only so many of a batch are acknowledged.
    pub(crate) most: Option<usize>,
    /// A real hub behind this one, which then only watches.
    pub(crate) real: Option<Real>,
}

impl Hub {
    pub(crate) fn take(&mut self, request: &SyncRequest) -> Event {
        self.requests += 1;
        assert!(request.scans.len() <= 500, "a batch of {}", request.scans.len());
        let poisoned = |scan: &&Scanned| Some(&scan.code) == self.poison.as_ref();
        if request.scans.iter().any(|scan| poisoned(&scan)) {
            return Event::Failed(Failure::Refused("invalid-request".into()));
        }
        let most = self.most.unwrap_or(usize::MAX);
        let answered = request.scans.iter().take(most);
        let outcomes: Vec<Outcome> = answered.map(|scan| self.apply(scan)).collect();
        if let Some(real) = &mut self.real {
            let mut request = request.clone();
            request.scans.truncate(most);
            return Event::Answered(real(&request));
        }
        let acknowledged = outcomes.iter().map(|outcome| outcome.scan_id).collect();
        Event::Answered(SyncAnswer { outcomes, acknowledged })
    }

    fn apply(&mut self, scan: &Scanned) -> Outcome {
        let first = self.index.get(&scan.scan_id).map(|&place| &self.applied[place]);
        let duplicate = first.is_some();
        if let Some(first) = first {
            assert_eq!(first, scan, "the same scan with other words");
        } else {
            if let Some(last) = self.applied.last() {
                assert!(scan.seq > last.seq, "out of order: {scan:?} after {last:?}");
                assert!(scan.scanned_at >= last.scanned_at, "time went back: {scan:?} after {last:?}");
            }
            assert!(scan.scanned_at.is_some() && scan.mode.is_some(), "{scan:?}");
            self.index.insert(scan.scan_id, self.applied.len());
            self.applied.push(scan.clone());
        }
        self.outcome(scan, if duplicate { Status::Duplicate } else { Status::Applied })
    }

    fn outcome(&self, scan: &Scanned, status: Status) -> Outcome {
        let digits: String =
            format!("{:0>14}", scan.code.trim_start_matches("]d201").get(..14).unwrap_or(&scan.code));
        let name = KNOWN.iter().find(|(code, _)| *code == digits).map(|(_, name)| (*name).to_owned());
        let refused = Some(&scan.code) == self.refuses.as_ref();
        let problem = refused.then(|| Refusal { code: "no".into(), detail: "Not in this house".into() });
        let unknown = name.is_none() && !scan.code.starts_with("HEARTH");
        Outcome {
            scan_id: scan.scan_id,
            status: if refused { Status::Refused } else { status },
            product: name.map(|name| Item { id: scan.scan_id.0, name }),
            lot: None,
            before: Some(Amount::whole(3)),
            after: Some(Amount::whole(2)),
            unit: Some("piece".into()),
            expiry: None,
            warnings: Vec::new(),
            lines: Vec::new(),
            tone: if refused {
                Tone::Bad
            } else if unknown {
                Tone::Warn
            } else {
                Tone::Ok
            },
            problem,
            setting: None,
        }
    }
}
