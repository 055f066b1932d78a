//! How fast the GS1 parser is: nanoseconds and instructions a parse, beside the figures to beat.
//!
//! `cargo bench -p hearth-shared`. Instructions are counted by callgrind, which repeats to the last one;
//! nanoseconds are the best of many rounds and depend on the machine. Where valgrind is not installed the
//! instructions are left out, and it says so. The run fails when a limit is exceeded.

use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::Instant;

use hearth_shared::gs1::{Context, Date, parse};

/// An input, the most instructions it may take, and what GS1's syntax engine 1.4 takes for it: instructions, and
/// nanoseconds from and to.
struct Case {
    name: &'static str,
    message: &'static [u8],
    limit: Option<u64>,
    engine: Option<(u64, u32, u32)>,
}

const CASES: [Case; 7] = [
    Case {
        name: "A: DataMatrix 01 17 10",
        message: b"]d201095011015300031725011910AB-123",
        limit: Some(1600),
        engine: Some((8009, 870, 1030)),
    },
    Case {
        name: "B: DataMatrix 01 3103 15 10 GS 21",
        message: b"]d2010950110153000331030012501525011910AB-123\x1d21SERIAL-12345",
        limit: Some(2700),
        engine: Some((13392, 1560, 2090)),
    },
    Case {
        name: "EAN-13 with identifier",
        message: b"]E04006381333931",
        limit: Some(250),
        engine: Some((814, 68, 94)),
    },
    Case { name: "EAN-13 bare", message: b"4006381333931", limit: None, engine: None },
    Case {
        name: "Digital Link 01 10 17",
        message: b"https://example.org/01/09501101530003/10/AB-123?17=250119",
        limit: None,
        engine: None,
    },
    Case {
        name: "bracketed A",
        message: b"(01)09501101530003(17)250119(10)AB-123",
        limit: None,
        engine: None,
    },
    Case { name: "text", message: b"A note on a jar of plums", limit: None, engine: None },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, case, rounds] = &arguments[..]
        && flag == "--repeat"
        && let (Ok(case), Ok(rounds)) = (case.parse(), rounds.parse())
    {
        repeat(&CASES[usize::min(case, CASES.len() - 1)], rounds);
        return ExitCode::SUCCESS;
    }
    report()
}

#[inline(never)]
fn repeat(case: &Case, rounds: u32) {
    let context = Context::on(Date::new(2026, 11, 20).expect("a day"));
    for _ in 0..rounds {
        black_box(&parse(black_box(case.message), black_box(&context)));
    }
}

#[expect(clippy::print_stdout, reason = "a report for people")]
fn report() -> ExitCode {
    let counting = Command::new("valgrind").arg("--version").output().is_ok_and(|out| out.status.success());
    if !counting {
        println!("valgrind is not installed: instructions are NOT counted, limits are NOT checked");
    }
    println!("{:<36} {:>6} {:>9} {:>13} {:>7}   the engine", "input", "bytes", "ns", "instructions", "limit");
    let mut exceeded = false;
    for (place, case) in CASES.iter().enumerate() {
        let counted = if counting { instructions(place) } else { None };
        exceeded |= counted.zip(case.limit).is_some_and(|(counted, limit)| counted > limit);
        let engine = case.engine.map_or(String::new(), |(count, from, to)| {
            let share =
                counted.map_or(String::new(), |own| format!(", {:.1} times ours", count as f64 / own as f64));
            format!("{count} instructions{share}; {from}-{to} ns")
        });
        println!(
            "{:<36} {:>6} {:>9.1} {:>13} {:>7}   {engine}",
            case.name,
            case.message.len(),
            nanoseconds(case),
            counted.map_or("-".to_owned(), |counted| counted.to_string()),
            case.limit.map_or("-".to_owned(), |limit| limit.to_string()),
        );
    }
    if exceeded {
        println!("a limit is exceeded");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The best of many short rounds.
fn nanoseconds(case: &Case) -> f64 {
    const PARSES: u32 = 20_000;
    let round = |_| {
        let start = Instant::now();
        repeat(case, PARSES);
        start.elapsed().as_nanos() as f64 / f64::from(PARSES)
    };
    (0..25).map(round).fold(f64::INFINITY, f64::min)
}

/// Instructions of one parse: what a run of many takes more than a run of none.
fn instructions(case: usize) -> Option<u64> {
    const PARSES: u64 = 1000;
    let collected = |rounds: u64| -> Option<u64> {
        let out = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(std::env::current_exe().ok()?)
            .args(["--repeat", &case.to_string(), &rounds.to_string()])
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        text.lines().find_map(|line| line.split_once("Collected : "))?.1.trim().parse().ok()
    };
    Some((collected(PARSES)? - collected(0)?) / PARSES)
}
