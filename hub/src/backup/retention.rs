//! Which dated backups lie in the folder, and which may go.

use std::collections::BTreeSet;
use std::fs::DirEntry;
use std::path::Path;

use hearth_shared::time::Timestamp;

use crate::error::{Error, Result};

use super::Made;

/// Beside the newest ones, the first of each of so many weeks is kept.
const WEEKS: usize = 4;
const WEEK_MILLIS: i64 = 7 * 24 * 3600 * 1000;

/// The name of a backup made at a moment: `hearth-20261120T023000Z.tar`.
pub fn name_of(at: Timestamp) -> String {
    let digits: String = at.to_string().chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect();
    format!("hearth-{digits}Z.tar")
}

/// When a backup of this name was made; `None` for a file of another name.
pub fn time_of(name: &str) -> Option<Timestamp> {
    let digits = name.strip_prefix("hearth-")?.strip_suffix("Z.tar")?;
    let (day, time) = digits.split_once('T').filter(|(day, time)| day.len() == 8 && time.len() == 6)?;
    let part = |text: &'_ str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(day, 0, 4)?,
        part(day, 4, 6)?,
        part(day, 6, 8)?,
        part(time, 0, 2)?,
        part(time, 2, 4)?,
        part(time, 4, 6)?
    );
    text.parse().ok()
}

/// The backups of a folder, newest first. A folder that is not there has none.
pub fn list(folder: &Path) -> Result<Vec<Made>> {
    let mut found = Vec::new();
    for entry in entries(folder)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(made_at) = time_of(&name) else { continue };
        found.push(Made { name, bytes: entry.metadata().map_or(0, |it| it.len()), made_at });
    }
    found.sort_by_key(|made| std::cmp::Reverse(made.made_at));
    Ok(found)
}

/// Deletes what need not be kept.
pub fn forget(folder: &Path, keep: usize) -> Result<()> {
    let found = list(folder)?;
    let times: Vec<Timestamp> = found.iter().map(|made| made.made_at).collect();
    for index in doomed(&times, keep) {
        let file = folder.join(&found[index].name);
        match std::fs::remove_file(&file) {
            Ok(()) => tracing::info!(name = found[index].name, "an old backup was deleted"),
            Err(error) => tracing::warn!(file = %file.display(), %error, "an old backup cannot be deleted"),
        }
    }
    Ok(())
}

/// Deletes what a process left behind that was killed in the middle of a backup.
pub fn sweep(folder: &Path) -> Result<()> {
    for entry in entries(folder)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        let unfinished = name.strip_suffix(".part").or_else(|| name.strip_suffix(".part-db"));
        if unfinished.and_then(time_of).is_some()
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::warn!(name, %error, "an unfinished backup cannot be deleted");
        }
    }
    Ok(())
}

/// What lies in the folder. One that is not there is empty.
fn entries(folder: &Path) -> Result<Vec<DirEntry>> {
    let unreadable = |error: std::io::Error| {
        let detail = format!("The folder for backups {} cannot be read: {error}.", folder.display());
        Error::unavailable("backup-unreadable", detail, 60)
    };
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries.and_then(|entries| entries.collect()).map_err(unreadable),
    }
}

/// Of backups in order, newest first, the ones that may go: beyond the newest `keep`, all but the first of
/// each week, and of those the four newest stay.
fn doomed(times: &[Timestamp], keep: usize) -> Vec<usize> {
    // The first of 1970 was a Thursday; weeks begin on Mondays.
    let week = |at: &Timestamp| (at.millis() + 3 * 24 * 3600 * 1000).div_euclid(WEEK_MILLIS);
    let first_of_week =
        |index: usize| times.get(index + 1).is_none_or(|older| week(older) != week(&times[index]));
    let weekly: BTreeSet<usize> =
        (keep..times.len()).filter(|index| first_of_week(*index)).take(WEEKS).collect();
    (keep..times.len()).filter(|index| !weekly.contains(index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_when() {
        let at: Timestamp = "2026-11-20T02:30:05.250Z".parse().unwrap();
        assert_eq!(name_of(at), "hearth-20261120T023005Z.tar");
        assert_eq!(time_of(&name_of(at)).unwrap().to_string(), "2026-11-20T02:30:05.000Z");
        for other in
            ["hearth.tar", "hearth-20261320T023005Z.tar", "hearth-2026T02Z.tar", "hearth-2026112éT02300Z.tar"]
        {
            assert_eq!(time_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_week_of_nights_and_four_weeks_stay() {
        let newest: Timestamp = "2026-11-20T02:30:00.000Z".parse().unwrap();
        let nights: Vec<Timestamp> = (0..60).map(|n| newest.plus_seconds(-n * 24 * 3600)).collect();
        let doomed = doomed(&nights, 7);
        let kept: Vec<String> = (0..60)
            .filter(|index| !doomed.contains(index))
            .map(|index| nights[index].to_string()[..10].to_owned())
            .collect();
        assert_eq!(
            kept,
            [
                "2026-11-20",
                "2026-11-19",
                "2026-11-18",
                "2026-11-17",
                "2026-11-16",
                "2026-11-15",
                "2026-11-14",
                "2026-11-09",
                "2026-11-02",
                "2026-10-26",
                "2026-10-19",
            ]
        );
        // Done each night, it comes to the same.
        let mut there: Vec<Timestamp> = Vec::new();
        for night in nights.iter().rev() {
            there.insert(0, *night);
            let doomed = super::doomed(&there, 7);
            there =
                (0..there.len()).filter(|index| !doomed.contains(index)).map(|index| there[index]).collect();
        }
        let kept_nightly: Vec<String> = there.iter().map(|at| at.to_string()[..10].to_owned()).collect();
        assert_eq!(kept_nightly, kept);
    }
}
