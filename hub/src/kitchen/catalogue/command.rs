//! `hearth-hub catalogue …`: making the catalogue file on the machine of the hub, and looking into it.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a command line talks to its terminal

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Subcommand;
use hearth_shared::gs1::Gtin;
use hearth_shared::time::Timestamp;

use crate::clock::Clock;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::media::store::blocking;

use super::facts::Facts;
use super::file::{About, Reader};
use super::folder;
use super::import::{FILE, Progress, Step, Wish, import};

#[derive(Subcommand)]
pub enum CatalogueCommand {
    /// Make the catalogue file of a dump of Open Food Facts (JSONL or CSV, packed or not). Interrupted, it goes
    /// on where it was when it is given again. The hub may run; it takes the new file by itself.
    Import {
        file: PathBuf,
        /// Keep products with a name in these languages: de,en
        #[arg(long, value_name = "LANGUAGES")]
        language: Vec<String>,
        /// Keep products that are sold in these countries: de,at,france
        #[arg(long, value_name = "COUNTRIES")]
        country: Vec<String>,
    },
    /// Say what the catalogue file holds, and read all of it to see whether it is whole.
    Check,
    /// Print what the catalogue file knows of a product.
    Show { code: String },
}

/// Runs a command.
pub async fn run(settings: &Settings, command: CatalogueCommand) -> Result<()> {
    let folder = folder(settings);
    match command {
        CatalogueCommand::Import { file, language, country } => {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let wish = Wish::of(file, name, &language, &country)?;
            import_here(folder, wish).await
        }
        CatalogueCommand::Check => blocking(move || check(&folder)).await?,
        CatalogueCommand::Show { code } => blocking(move || show(&folder, &code)).await?,
    }
}

async fn import_here(folder: PathBuf, wish: Wish) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let (asked, begun) = (stop.clone(), Instant::now());
    let interrupted = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            asked.store(true, Ordering::Relaxed);
        }
    });
    let mut bar = Bar::new();
    let about = blocking(move || {
        import(&folder, &wish, Clock::System.now(), &stop, &mut |progress| bar.show(progress))
    })
    .await??;
    interrupted.abort();
    let seconds = begun.elapsed().as_secs();
    println!("{} products of {} rows are in the catalogue, after {seconds} s.", about.products, about.rows);
    Ok(())
}

/// How far it is, for people: a bar on a terminal, a line now and then elsewhere.
struct Bar {
    is_terminal: bool,
    begun: Instant,
    shown: Option<Instant>,
}

impl Bar {
    fn new() -> Bar {
        Bar { is_terminal: std::io::stderr().is_terminal(), begun: Instant::now(), shown: None }
    }

    fn show(&mut self, progress: &Progress) {
        let pause = if self.is_terminal { Duration::from_millis(100) } else { Duration::from_secs(10) };
        let is_done = progress.percent() == 100;
        if !is_done && self.shown.is_some_and(|at| at.elapsed() < pause) {
            return;
        }
        self.shown = Some(Instant::now());
        let line = line(progress, self.begun.elapsed());
        let mut out = std::io::stderr().lock();
        // Nobody may be listening; the import goes on.
        drop(match self.is_terminal {
            true => {
                write!(out, "\r\x1b[K{line}{}", if is_done { "\n" } else { "" }).and_then(|()| out.flush())
            }
            false => writeln!(out, "{line}"),
        });
    }
}

fn line(progress: &Progress, took: Duration) -> String {
    let percent = progress.percent();
    let full = usize::try_from(percent / 4).unwrap_or(25).min(25);
    let doing = match progress.step {
        Step::Reading => "reading",
        Step::Writing => "writing",
    };
    // What is left, if it goes on as it did.
    let left = match percent {
        3..100 => format!(", {} s left", took.as_secs() * (100 - percent) / percent),
        _ => String::new(),
    };
    format!(
        "[{}{}] {percent:>3} % {doing}, {} rows, {} kept{left}",
        "#".repeat(full),
        ".".repeat(25 - full),
        progress.rows,
        progress.kept
    )
}

fn open(folder: &std::path::Path) -> Result<Reader> {
    let path = folder.join(FILE);
    if !path.exists() {
        let detail = format!("There is no catalogue file in {} yet; import one.", folder.display());
        return Err(Error::not_found("catalogue-missing", detail));
    }
    Reader::open(&path).map_err(damaged)
}

fn damaged(damage: super::file::Damage) -> Error {
    let detail = format!("The catalogue file cannot be used: {damage}. Import it anew.");
    Error::broken("catalogue-damaged", detail)
}

fn check(folder: &std::path::Path) -> Result<()> {
    let reader = open(folder)?;
    let About { file, made_at, products, languages, countries, .. } = reader.about();
    let all = |words: &[String]| if words.is_empty() { "all".to_owned() } else { words.join(", ") };
    println!("made of    {file}, {}", Timestamp::from_millis(*made_at));
    println!("products   {products}, {} MiB", reader.length() / (1024 * 1024));
    println!("languages  {}", all(languages));
    println!("countries  {}", all(countries));
    reader.check().map_err(damaged)?;
    println!("It is whole.");
    Ok(())
}

fn show(folder: &std::path::Path, code: &str) -> Result<()> {
    let reader = open(folder)?;
    let wrong = || Error::invalid("bad-barcode", "This is not the number of a product.");
    let gtin = Gtin::of(code.trim()).ok_or_else(wrong)?;
    let text = reader.look_up(gtin.as_str().parse().unwrap_or(0)).map_err(damaged)?;
    let unknown = || Error::not_found("unknown-product", "The catalogue file does not know this product.");
    let text = text.ok_or_else(unknown)?;
    let facts: Facts = serde_json::from_slice(&text).map_err(|error| {
        Error::broken("catalogue-shape", "What the file says cannot be read.").because(error)
    })?;
    println!("{}", serde_json::to_string_pretty(&facts).unwrap_or_default());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        let reading = Progress { done: 50, of: 100, rows: 1_000, kept: 900, ..Progress::default() };
        assert_eq!(
            line(&reading, Duration::from_secs(42)),
            "[##########...............]  42 % reading, 1000 rows, 900 kept, 58 s left"
        );
        let done = Progress { step: Step::Writing, done: 9, of: 9, rows: 10, kept: 9, broken: 1 };
        assert_eq!(line(&done, Duration::ZERO), "[#########################] 100 % writing, 10 rows, 9 kept");
    }
}
