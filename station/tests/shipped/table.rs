//! What was measured, beside what it may be.

use std::fmt;
use std::time::Duration;

/// What half of all times may be, and what 99 of 100 may.
pub(crate) struct Limit {
    pub(crate) half: Duration,
    pub(crate) all: Option<Duration>,
}

impl Limit {
    pub(crate) fn middle(half: Duration) -> Limit {
        Limit { half, all: None }
    }
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

pub(crate) fn half(times: &[Duration]) -> Duration {
    percentile(times, 50)
}

pub(crate) fn ninety_nine(times: &[Duration]) -> Duration {
    percentile(times, 99)
}

#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<String>,
    broken: bool,
}

impl Table {
    pub(crate) fn times(&mut self, what: &str, took: Vec<Duration>, limit: Option<Limit>) {
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        let (half, most) = (half(&took), ninety_nine(&took));
        let said = format!("{:>9.2} {:>9.2} ms", millis(half), millis(most));
        let kept = limit.map(|limit| {
            let kept = half <= limit.half && limit.all.is_none_or(|all| most <= all);
            let all = limit.all.map(|all| format!(" / {:.2}", millis(all))).unwrap_or_default();
            (kept, format!("{:.2}{all}", millis(limit.half)))
        });
        self.line(what, &said, kept);
    }

    pub(crate) fn number(&mut self, what: &str, value: f64, unit: &str, most: Option<f64>) {
        let said = format!("{value:>9.2} {:>9} {unit}", "");
        self.line(what, &said, most.map(|most| (value <= most, format!("{most}"))));
    }

    fn line(&mut self, what: &str, said: &str, limit: Option<(bool, String)>) {
        let judged = match limit {
            None => String::new(),
            Some((true, limit)) => format!("at most {limit}"),
            Some((false, limit)) => format!("NOT at most {limit}"),
        };
        self.broken |= judged.starts_with("NOT");
        self.lines.push(format!("{what:<48} {said:<26} {judged}").trim_end().to_owned());
    }

    pub(crate) fn kept(&self) -> bool {
        !self.broken
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<48} {:>9} {:>9}", "", "half", "99 of 100")?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
