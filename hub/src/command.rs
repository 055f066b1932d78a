//! The command line: `serve`, and what an owner of the machine does beside it.
//!
//! Commands other than `serve` open the database themselves and may be used while the hub runs; what
//! they change reaches live clients within a second.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a command line talks to its terminal

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::{self, App, Surroundings};
use crate::auth::links::{self, Wish};
use crate::auth::passwords::Passwords;
use crate::auth::{Actor, Role, tokens};
use crate::backup::{self, restore};
use crate::clock::{self, Clock};
use crate::config::{Flags, Settings};
use crate::db::{self, Db, Tx};
use crate::devices;
use crate::error::{Error, Result};
use crate::house::members::{self, MemberId, Name, NewMember};
use crate::http::server::Entrance;
use crate::kitchen::catalogue::command::{self as catalogue, CatalogueCommand};
use crate::media::{self, store::Store};
use crate::telemetry::{self, Metrics};
use crate::{bus, house, http, jobs, kitchen, reach, service};

/// Hearth's hub: the one place that owns the truth of a household.
#[derive(Parser)]
#[command(name = "hearth-hub", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand)]
enum Command {
    /// Run the hub (what happens without a command).
    Serve,
    /// Look for damage and broken rules; exit code 1 if there are any.
    Check,
    /// Save everything into a file while the hub runs. Carry it to another disk, and keep it to yourself.
    Backup { file: PathBuf },
    /// Replace the house by what a backup holds. The hub must be stopped; what was there is kept aside.
    Restore { file: PathBuf },
    /// Say that a PostgreSQL database was restored with its own tools, before the hub is started on it.
    Restored,
    /// Ask the running hub whether it serves; exit code 1 if it does not. For containers.
    Health,
    /// Print the settings in force, secrets hidden.
    Config,
    /// Print the API's description (OpenAPI 3.1).
    Openapi,
    /// Let people in who cannot get in by themselves.
    #[command(subcommand)]
    User(UserCommand),
    /// Service tokens for scripts.
    #[command(subcommand)]
    Token(TokenCommand),
    /// What is known of products without asking anybody: the catalogue file.
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// Stations and screens. They are let in by the web app.
    #[command(subcommand)]
    Device(DeviceCommand),
}

#[derive(Subcommand)]
enum UserCommand {
    /// Take somebody in; prints a one-time link with which they choose a password.
    Add {
        name: String,
        #[arg(long, default_value = "member", value_parser = read_role)]
        role: Role,
    },
    /// Print a one-time link with which somebody chooses a new password.
    Reset { name: String },
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Make a token and print it, this once.
    Add { name: String },
    /// List tokens, without their secrets.
    List,
    /// End a token at once.
    Revoke { name: String },
}

#[derive(Subcommand)]
enum DeviceCommand {
    /// List devices.
    List,
    /// Send a device off at once, by its name or id.
    Revoke { name: String },
}

fn read_role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|()| "owner, member or staff".to_owned())
}

/// An empty variable counts as not set: the files of services and containers are full of them.
fn read_command_line() -> Cli {
    let command = Cli::command().mut_args(|argument| {
        let value = argument.get_env().and_then(std::env::var_os);
        let empty = value.is_some_and(|value| value.is_empty());
        if empty { argument.env(None::<&str>) } else { argument }
    });
    Cli::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
}

/// Runs the program; 0 done, 1 failed, 2 the command line or a setting is wrong.
pub fn main() -> ExitCode {
    let cli = read_command_line();
    let settings = match Settings::from_flags(cli.flags, default_home()) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("hearth-hub: {}", error.detail());
            return ExitCode::from(2);
        }
    };
    telemetry::start_log(settings.log_format, &settings.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("hub").build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("hearth-hub: the program cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli.command.unwrap_or(Command::Serve), settings)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("hearth-hub: {}", error.detail());
            if let Some(cause) = std::error::Error::source(&error) {
                eprintln!("  because: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

fn default_home() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")))
}

async fn run(command: Command, settings: Settings) -> Result<ExitCode> {
    match command {
        Command::Serve => serve(settings).await?,
        Command::Check => return check(&settings).await,
        Command::Backup { file } => save(settings, file).await?,
        Command::Restore { file } => bring_back(&settings, &file).await?,
        Command::Restored => begin_anew(&settings).await?,
        Command::Health => println!("{}", service::ask(&settings).await?),
        Command::Config => {
            for (name, value) in settings.listed() {
                println!("{name}={value}");
            }
        }
        Command::Openapi => println!("{}", http::openapi::document().to_pretty_json().unwrap_or_default()),
        Command::User(UserCommand::Add { name, role }) => add_user(&settings, &name, role).await?,
        Command::User(UserCommand::Reset { name }) => reset_user(&settings, &name).await?,
        Command::Token(command) => token(&settings, command).await?,
        Command::Catalogue(command) => catalogue::run(&settings, command).await?,
        Command::Device(command) => device(&settings, command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn serve(settings: Settings) -> Result<()> {
    let mut settings = settings;
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        Error::invalid("bad-setting", format!("{} cannot be listened on: {error}.", settings.listen))
    })?;
    // With port 0 the system chooses; say what it chose.
    settings.listen = listener.local_addr().unwrap_or(settings.listen);
    let door = match settings.reach.plain_door {
        None => None,
        Some(address) => Some(TcpListener::bind(address).await.map_err(|error| {
            Error::invalid(
                "bad-setting",
                format!("HEARTH_PLAIN_DOOR: {address} cannot be listened on: {error}."),
            )
        })?),
    };
    let app = App::start(settings, Surroundings::default()).await?;
    // Before anybody is told that the hub is there, so that whoever stops it at once is heard.
    let told = told_to_stop();
    announce(&app).await?;
    service::ready(app.settings());
    tokio::spawn(service::beat(app.clone()));
    let (stop, stopped) = watch::channel(());
    let until = |mut stopped: watch::Receiver<()>| async move { drop(stopped.changed().await) };
    let plain = door.map(|listener| {
        let entrance = Entrance::Open(http::door::router(&app));
        tokio::spawn(http::server::serve(listener, entrance, until(stopped.clone()), || {}))
    });
    let entrance = app.reach().entrance(http::router(&app), http::door::router(&app))?;
    let stopping = app.clone();
    http::server::serve(listener, entrance, told, move || {
        tracing::info!("stopping");
        service::stopping();
        drop(stop);
        stopping.say_goodbye();
    })
    .await;
    if let Some(plain) = plain {
        drop(plain.await);
    }
    app.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// One line: where it is, and how to get in.
async fn announce(app: &App) -> Result<()> {
    let address = app.settings().address();
    let line = match app.first_link().await? {
        None => format!("Hearth is at {address}"),
        Some(made) => {
            let what = match made.link.purpose {
                links::Purpose::Setup => "set your house up",
                _ => "look around",
            };
            format!("Hearth is at {address} - {what} (works once): {}", made.url(&address))
        }
    };
    println!("{line}");
    if let Some(card) = app.reach().card() {
        // On standard error, with the log: the line above is for whoever waits for it.
        tracing::info!(
            fingerprint = card.fingerprint,
            "devices come to trust this house at {}{}",
            address.replace("https://", "http://"),
            http::door::TRUST
        );
    }
    // Whoever waits for the line must get it, also through a pipe.
    drop(std::io::stdout().flush());
    Ok(())
}

/// Listens for signals from here on, and is done when one came.
fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            tracing::error!("signals cannot be heard; the hub runs until it is killed");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// Opens the database for a command.
fn open(settings: &Settings) -> Result<Db> {
    if settings.database_url.is_none() && !settings.data.join("hearth.db").exists() {
        let detail = format!("There is no house in {} yet; run the hub once.", settings.data.display());
        return Err(Error::not_found("not-set-up", detail));
    }
    Db::open(db::Options {
        target: app::target(settings),
        migrations: db::MIGRATIONS,
        upgrade: db::Upgrade::Refuse,
        clock: Clock::System,
        metrics: Arc::new(Metrics::new()),
        sink: Arc::new(|_| {}),
        rehearse: false,
    })
}

async fn check(settings: &Settings) -> Result<ExitCode> {
    let db = open(settings)?;
    let engine = db.engine();
    let mut looked = db.read(move |tx| violations(tx, engine)).await?;
    if settings.reach.encrypts() {
        let rule = "the certificate fits its key and its names, and lasts";
        looked.push((rule, reach::violations(settings, &Clock::System)));
    }
    let pictures = media::check::look(&db, &Store::named(settings)?).await?;
    looked.push(("pictures are where their rows say, and as they were", pictures.wrong));
    let mut found = 0;
    for (rule, violations) in looked {
        println!("{} {rule}", if violations.is_empty() { "ok  " } else { "BAD " });
        for violation in violations {
            found += 1;
            println!("     {violation}");
        }
    }
    if pictures.rowless > 0 {
        println!(
            "     Files of pictures without a row: {}. They do no harm; the nightly sweep removes them.",
            pictures.rowless
        );
    }
    println!(
        "{}",
        if found == 0 { "Everything holds.".to_owned() } else { format!("{found} things are wrong.") }
    );
    db.close();
    Ok(if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every declared rule with what breaks it.
pub fn violations(tx: &Tx, engine: db::Engine) -> Result<Vec<(&'static str, Vec<String>)>> {
    Ok(vec![
        ("the engine finds its data whole", db::damage(tx, engine)?),
        ("events are numbered without a gap up to their channel's head", bus::log::violations(tx)?),
        ("one house, with an owner, and nobody signed in who left", members::violations(tx)?),
        ("devices that were sent off have no way in", devices::violations(tx)?),
        ("work waits, runs or has failed", jobs::violations(tx)?),
        ("the stock is what its movements sum to, and nothing is below nothing", kitchen::violations(tx)?),
        ("playing everything that happened again changes nothing", kitchen::stock::played_again(tx)?),
        ("what is missing is on the shopping list", kitchen::shopping::minimum::violations(tx)?),
    ])
}

async fn save(settings: Settings, file: PathBuf) -> Result<()> {
    // Says so where there is no house yet, or one of another version.
    let db = open(&settings)?;
    db.close();
    let bucket = settings.s3.is_some();
    let made = tokio::task::spawn_blocking(move || {
        backup::save(&settings, &file, Clock::System.now()).map(|bytes| (file, bytes))
    });
    let (file, bytes) =
        made.await.map_err(|e| Error::broken("panicked", "Something broke inside.").because(e))??;
    // Where the command was started is not always where one thinks: services have a folder of their own.
    let file = std::path::absolute(&file).unwrap_or(file);
    println!("{} holds everything ({bytes} bytes), and was looked through.", file.display());
    if bucket {
        println!("Pictures are in the bucket of HEARTH_S3_URL, and not in this file; save that, too.");
    }
    Ok(())
}

async fn bring_back(settings: &Settings, file: &Path) -> Result<()> {
    let done = restore::restore(settings, file, Clock::System.now()).await?;
    println!("The house is as it was on {}.", done.label.made_at);
    if !done.label.pictures {
        println!("Pictures were not in this backup; those in the data folder stay.");
    }
    if done.set_aside > 0 {
        println!(
            "{} pieces of work that would be felt outside the house were set aside; the page on work shows them.",
            done.set_aside
        );
    }
    if let Some(folder) = done.replaced {
        println!("What was there before is in {}; delete it when you are content.", folder.display());
    }
    Ok(())
}

async fn begin_anew(settings: &Settings) -> Result<()> {
    let db = open(settings)?;
    let set_aside = db.write(&Actor::System, restore::begin_anew).await?;
    println!("A new history begins; {set_aside} pieces of work that would be felt outside were set aside.");
    db.close();
    Ok(())
}

async fn add_user(settings: &Settings, name: &str, role: Role) -> Result<()> {
    let db = open(settings)?;
    let name = Name::parse(name).map_err(|detail| Error::field("name", detail))?;
    // Nobody knows this password; the link replaces it.
    let password_hash = Passwords::start()?.hash(crate::auth::hex(&clock::random::<16>())).await?;
    let add = move |tx: &mut Tx| {
        let language = house::get(tx)?.language;
        let new = NewMember { name: name.clone(), role, language, password_hash: password_hash.clone() };
        let member = members::join(tx, &new)?;
        links::make(tx, Wish::Reset(member.id))
    };
    let made = db.write(&Actor::System, add).await?;
    println!("{}", made.url(&settings.address()));
    db.close();
    Ok(())
}

async fn reset_user(settings: &Settings, name: &str) -> Result<()> {
    let db = open(settings)?;
    let key = Name::parse(name).map_err(|detail| Error::field("name", detail))?.key();
    let reset = move |tx: &mut Tx| {
        let found: Option<(MemberId, String)> = members::credentials(tx, &key)?;
        let (member, _) =
            found.ok_or_else(|| Error::not_found("unknown-member", "Nobody here has this name."))?;
        links::make(tx, Wish::Reset(member))
    };
    let made = db.write(&Actor::System, reset).await?;
    println!("{}", made.url(&settings.address()));
    db.close();
    Ok(())
}

async fn token(settings: &Settings, command: TokenCommand) -> Result<()> {
    let db = open(settings)?;
    match command {
        TokenCommand::Add { name } => {
            let secret = db.write(&Actor::System, move |tx| tokens::add(tx, &name)).await?;
            println!("{}", secret.reveal());
        }
        TokenCommand::List => {
            for token in db.read(tokens::list).await? {
                let state = match (token.revoked_at, token.last_seen_at) {
                    (Some(at), _) => format!("revoked {at}"),
                    (None, Some(at)) => format!("last used {at}"),
                    (None, None) => "never used".to_owned(),
                };
                println!("{}\tmade {}\t{state}", token.name, token.created_at);
            }
        }
        TokenCommand::Revoke { name } => {
            db.write(&Actor::System, move |tx| tokens::revoke(tx, &name)).await?;
        }
    }
    db.close();
    Ok(())
}

async fn device(settings: &Settings, command: DeviceCommand) -> Result<()> {
    let db = open(settings)?;
    match command {
        DeviceCommand::List => {
            for device in db.read(|tx| devices::page(tx, None, devices::Revoked::Included, 1_000)).await? {
                let state = match (device.revoked_at, device.online, device.last_seen_at) {
                    (Some(at), ..) => format!("revoked {at}"),
                    (None, true, _) => "online".to_owned(),
                    (None, false, Some(at)) => format!("last seen {at}"),
                    (None, false, None) => "never seen".to_owned(),
                };
                println!("{}\t{}\t{}\t{state}", device.id, device.kind, device.name);
            }
        }
        DeviceCommand::Revoke { name } => {
            db.write(&Actor::System, move |tx| revoke_called(tx, &name)).await?;
        }
    }
    db.close();
    Ok(())
}

fn revoke_called(tx: &mut Tx, name: &str) -> Result<()> {
    match devices::called(tx, name)?.as_slice() {
        [device] => devices::revoke(tx, device.id),
        [] => Err(Error::not_found("unknown-device", format!("There is no device named {name:?}."))),
        _ => Err(Error::conflict("name-taken", format!("Several devices are named {name:?}; give the id."))),
    }
}
