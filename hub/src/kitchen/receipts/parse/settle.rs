//! The sum of the lines held against what was to be paid; and what could not be seen for certain decided
//! by it.

use super::assemble::{Found, Other};
use super::{Check, Line};

/// Beyond so many open questions none is decided.
const MOST_QUESTIONS: usize = 24;

/// Something that would change the sum.
#[derive(Clone, Copy)]
enum Question {
    /// The line of this number is something else.
    Line(usize, Other),
    /// What was told as saved is subtracted here.
    Aside(usize),
}

pub(super) fn settle(found: Found) -> (Vec<Line>, Check) {
    let Found { drafts, asides, mut totals, paid, rounding, .. } = found;
    let others: Vec<Option<Other>> = drafts.iter().map(|draft| draft.other).collect();
    let mut lines: Vec<Line> = drafts.into_iter().map(|draft| draft.line).collect();
    if let Some(rounding) = rounding {
        // Told for information, or really rounded: then there is another sum to pay.
        let rounded = |total: &i64| total + rounding.total;
        let after = totals.iter().map(rounded).find(|sum| totals.contains(sum) || paid.contains(sum));
        if let Some(after) = after {
            totals.insert(0, after);
            lines.push(rounding);
        }
    }
    let sum = sum_of(&lines);
    let wanted: Vec<i64> = totals.iter().chain(&paid).copied().collect();
    if !wanted.contains(&sum)
        && let Some(answers) = decide(&lines, &others, &asides, sum, &wanted)
    {
        apply(&mut lines, &asides, &answers);
    }
    let sum = sum_of(&lines);
    let total = wanted.iter().copied().find(|total| *total == sum).or(wanted.first().copied());
    (lines, Check { lines: sum, total })
}

fn sum_of(lines: &[Line]) -> i64 {
    lines.iter().fold(0, |sum, line| sum.saturating_add(line.total))
}

/// The fewest questions that, answered the other way, make the lines come to one of the wanted sums.
fn decide(
    lines: &[Line],
    others: &[Option<Other>],
    asides: &[Line],
    sum: i64,
    wanted: &[i64],
) -> Option<Vec<Question>> {
    let of_lines = others.iter().enumerate().filter_map(|(at, other)| Some(Question::Line(at, (*other)?)));
    let questions: Vec<Question> = of_lines.chain((0..asides.len()).map(Question::Aside)).collect();
    if questions.len() > MOST_QUESTIONS {
        return None;
    }
    let change = |question: &Question| match *question {
        Question::Line(at, Other::Total(total)) => total - lines.get(at).map_or(0, |line| line.total),
        Question::Line(at, Other::Gone) => -lines.get(at).map_or(0, |line| line.total),
        Question::Aside(at) => asides.get(at).map_or(0, |line| line.total),
    };
    let one = questions.iter().find(|one| wanted.contains(&(sum + change(one)))).map(|one| vec![*one]);
    one.or_else(|| {
        let pairs = questions
            .iter()
            .enumerate()
            .flat_map(|(at, one)| questions.iter().skip(at + 1).map(move |other| (one, other)));
        let mut pairs = pairs;
        let pair = pairs.find(|(one, other)| wanted.contains(&(sum + change(one) + change(other))));
        pair.map(|(one, other)| vec![*one, *other])
    })
}

fn apply(lines: &mut Vec<Line>, asides: &[Line], answers: &[Question]) {
    let mut gone = Vec::new();
    for answer in answers {
        match *answer {
            Question::Line(at, Other::Total(total)) => {
                if let Some(line) = lines.get_mut(at) {
                    (line.total, line.doubtful) = (total, true);
                    // What all of them cost is not what one does.
                    line.unit_price = line.unit_price.filter(|each| *each != total);
                }
            }
            Question::Line(at, Other::Gone) => gone.push(at),
            Question::Aside(at) => {
                let told = asides.get(at).cloned();
                lines.extend(told.map(|line| Line { doubtful: true, ..line }));
            }
        }
    }
    gone.sort_unstable();
    for at in gone.into_iter().rev() {
        if at < lines.len() {
            lines.remove(at);
        }
    }
}
