//! When what goes to the hub.
//!
//! One batch at a time, the oldest scans first. What the hub acknowledges is settled; whatever else happens,
//! the scans stay and the same words are sent again. After a failure the station waits for a random time below
//! a limit that doubles, so that a hub that comes back is not met by all stations at once. A batch that the hub
//! refuses as a whole is halved until the one scan is found that it will not have: that one is set aside, and
//! the next ones go on.

use std::time::Duration;

use hearth_shared::scanning::{MOST_SCANS, ScanId, SyncAnswer, SyncRequest};

/// The limit of the first wait, and of the longest.
const FIRST_MS: i64 = 500;
const LONGEST_MS: i64 = 60_000;
/// How often a station that was sent off asks whether it is back.
const REVOKED_MS: i64 = 5 * 60_000;
/// How long a connection over which nothing goes is sure to be there still: hubs close it after ten seconds.
const READY_MS: i64 = 5_000;
/// How often the hub is asked how it is when there is nothing to send.
const REST_MS: i64 = 60_000;

/// Why the hub did not answer, or not as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was not reached, or is in trouble.
    Away(String),
    /// It asks for patience.
    Busy(Duration),
    /// It cannot make sense of the batch.
    Refused(String),
    /// It does not know this station any more.
    Revoked,
}

/// How it is with the hub, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Link {
    /// This station belongs to no house yet.
    Unpaired,
    /// It has not been tried since the start.
    #[default]
    Unknown,
    Up,
    Away,
    Revoked,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Greet the hub: is it there, what time is it.
    Greet,
    /// Connect to the hub: something to send is coming.
    Connect,
    /// Read the oldest scans that wait, this many at most.
    Fetch {
        most: usize,
    },
    Send(SyncRequest),
    /// These need not be sent again.
    Settle(Vec<i64>),
    /// The hub will not have this one.
    SetAside {
        seq: i64,
        why: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Unpaired,
    /// Nothing waits; the hub is asked again then.
    Resting {
        until: i64,
    },
    Greeting,
    Fetching,
    /// These are on their way, by number and id.
    Sending(Vec<(i64, ScanId)>),
    Settling,
    /// The next try is then.
    Waiting {
        until: i64,
    },
}

/// The conversation with the hub.
#[derive(Clone, Debug)]
pub struct Sync {
    phase: Phase,
    link: Link,
    /// Scans that the hub has not acknowledged.
    waiting: u64,
    failures: u32,
    most: usize,
    /// Whether the hub was greeted since the start: before, no time can be put on scans.
    greeted: bool,
    /// When the hub was last heard, or connected to.
    heard: i64,
}

impl Sync {
    pub fn new(paired: bool, waiting: u64) -> Sync {
        let (phase, link) = match paired {
            true => (Phase::Greeting, Link::Unknown),
            false => (Phase::Unpaired, Link::Unpaired),
        };
        Sync { phase, link, waiting, failures: 0, most: MOST_SCANS, greeted: false, heard: 0 }
    }

    pub fn link(&self) -> Link {
        self.link
    }

    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// The first step after the start.
    pub fn begin(&self) -> Option<Step> {
        (self.phase == Phase::Greeting).then_some(Step::Greet)
    }

    /// The hub has greeted back.
    pub fn greeted(&mut self, now: i64) -> Option<Step> {
        if self.phase != Phase::Greeting {
            return None;
        }
        self.greeted = true;
        self.heard = now;
        self.is_up();
        self.next(now)
    }

    /// A code is coming in. By the time that it is on the disk there is to be a connection that it goes over: where
    /// nobody has scanned for a while there is none, and making one takes longer than all the rest.
    pub fn coming(&mut self, now: i64) -> Option<Step> {
        let stands = now - self.heard < READY_MS;
        if stands || !matches!(self.phase, Phase::Resting { .. }) {
            return None;
        }
        self.heard = now;
        Some(Step::Connect)
    }

    /// A scan is on its way to the disk. Where nothing else is going on, it is read back as soon as it is there.
    pub fn storing(&mut self) -> Option<Step> {
        matches!(self.phase, Phase::Resting { .. }).then(|| self.fetch())
    }

    /// One more scan waits.
    pub fn stored(&mut self) -> Option<Step> {
        self.waiting += 1;
        let resting = matches!(self.phase, Phase::Resting { .. });
        resting.then(|| self.fetch())
    }

    /// What the queue has found.
    pub fn found(&mut self, request: SyncRequest, now: i64) -> Option<Step> {
        if self.phase != Phase::Fetching {
            return None;
        }
        if request.scans.is_empty() {
            self.waiting = 0;
            self.phase = Phase::Resting { until: now + REST_MS };
            return None;
        }
        let ids = request.scans.iter().map(|scan| (scan.seq.unwrap_or_default(), scan.scan_id)).collect();
        self.phase = Phase::Sending(ids);
        Some(Step::Send(request))
    }

    /// The hub has answered a batch. `draw` is a random number below its argument.
    pub fn answered(&mut self, answer: &SyncAnswer, now: i64, draw: impl FnOnce(u64) -> u64) -> Option<Step> {
        let Phase::Sending(sent) = &self.phase else { return None };
        let settled: Vec<i64> =
            sent.iter().filter(|(_, id)| answer.acknowledged.contains(id)).map(|&(seq, _)| seq).collect();
        (self.link, self.heard) = (Link::Up, now);
        if settled.is_empty() {
            self.wait(now, 0, draw);
            return None;
        }
        self.is_up();
        self.most = (self.most * 2).min(MOST_SCANS);
        self.phase = Phase::Settling;
        Some(Step::Settle(settled))
    }

    /// The queue has settled something; so many wait still.
    pub fn settled(&mut self, left: u64, now: i64) -> Option<Step> {
        self.waiting = left;
        if self.phase == Phase::Settling { self.next(now) } else { None }
    }

    /// The hub did not answer as it should.
    pub fn failed(&mut self, failure: Failure, now: i64, draw: impl FnOnce(u64) -> u64) -> Option<Step> {
        match (failure, &self.phase) {
            (_, Phase::Unpaired | Phase::Resting { .. } | Phase::Settling | Phase::Fetching) => None,
            (Failure::Revoked, _) => {
                self.link = Link::Revoked;
                self.phase = Phase::Waiting { until: now + REVOKED_MS };
                None
            }
            (Failure::Refused(why), Phase::Sending(sent)) => {
                self.link = Link::Up;
                match sent[..] {
                    [(seq, _)] => {
                        self.phase = Phase::Settling;
                        Some(Step::SetAside { seq, why })
                    }
                    _ => {
                        self.most = (sent.len() / 2).max(1);
                        Some(self.fetch())
                    }
                }
            }
            (Failure::Busy(patience), _) => {
                self.link = Link::Up;
                self.wait(now, i64::try_from(patience.as_millis()).unwrap_or(LONGEST_MS), draw);
                None
            }
            (Failure::Away(_) | Failure::Refused(_), _) => {
                self.link = Link::Away;
                self.wait(now, 0, draw);
                None
            }
        }
    }

    /// The queue could not do what it was asked for. It is asked again after a while.
    pub fn stalled(&mut self, now: i64, draw: impl FnOnce(u64) -> u64) {
        if matches!(self.phase, Phase::Fetching | Phase::Settling) {
            self.wait(now, FIRST_MS, draw);
        }
    }

    /// The hub can be reached again, by what another connection has seen.
    pub fn reachable(&mut self) -> Option<Step> {
        let waits = matches!(self.phase, Phase::Waiting { .. }) && self.link != Link::Revoked;
        waits.then(|| self.again())
    }

    /// When something is to be done.
    pub fn deadline(&self) -> Option<i64> {
        match self.phase {
            Phase::Waiting { until } | Phase::Resting { until } => Some(until),
            _ => None,
        }
    }

    /// Time passed.
    pub fn pass(&mut self, now: i64) -> Option<Step> {
        match self.phase {
            Phase::Waiting { until } if until <= now => Some(self.again()),
            Phase::Resting { until } if until <= now => {
                self.phase = Phase::Greeting;
                Some(Step::Greet)
            }
            _ => None,
        }
    }

    fn again(&mut self) -> Step {
        if self.greeted && self.waiting > 0 {
            return self.fetch();
        }
        self.phase = Phase::Greeting;
        Step::Greet
    }

    fn next(&mut self, now: i64) -> Option<Step> {
        if self.waiting > 0 {
            return Some(self.fetch());
        }
        self.phase = Phase::Resting { until: now + REST_MS };
        None
    }

    fn fetch(&mut self) -> Step {
        self.phase = Phase::Fetching;
        Step::Fetch { most: self.most }
    }

    fn is_up(&mut self) {
        self.link = Link::Up;
        self.failures = 0;
    }

    /// Waits for a random time below the limit, and not less than was asked for.
    fn wait(&mut self, now: i64, least: i64, draw: impl FnOnce(u64) -> u64) {
        let limit = FIRST_MS.saturating_mul(1 << self.failures.min(16)).min(LONGEST_MS);
        let drawn = draw(limit.unsigned_abs() + 1);
        self.failures = self.failures.saturating_add(1);
        self.phase = Phase::Waiting { until: now + i64::try_from(drawn).unwrap_or(limit).max(least) };
    }
}
