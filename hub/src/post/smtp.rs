//! Handing a letter to the mail server (SMTP, RFC 5321).
//!
//! One conversation for each letter: a household writes few. What the server refuses for good (5xx) is given
//! up, what it puts off (4xx) and what never reached it is tried again. The server's words stay out of the
//! log and of *Work*: they often repeat the address.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error as SmtpError, SMTP_PORT};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use hearth_shared::time::Timestamp;

use crate::app::App;
use crate::config::outward::{Cover, Smtp};
use crate::error::{Error, Result};
use crate::jobs::{Failure, Held, Settle, nothing};

use super::Waiting;

/// How long the server may take for each answer.
const PATIENCE: Duration = Duration::from_secs(30);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

pub(super) async fn hand_over(app: &App, held: &Held) -> Result<Settle, Failure> {
    let waiting: Waiting = held.read()?;
    let Some(smtp) = &app.settings().outward.smtp else {
        let detail = "No mail server is configured; set HEARTH_SMTP_URL, then try again.";
        return Err(Failure::Final(Error::conflict("mail-unconfigured", detail)));
    };
    let at = Timestamp::from_millis(waiting.at);
    let letter = waiting.mail.compose(&smtp.from, &held.id.to_string(), at).map_err(Failure::Final)?;
    let sent = open(smtp)?.send(letter).await;
    let outcome = sent.as_ref().map_or_else(|error| outcome(error), |_| "sent");
    app.metrics().post.sent("mail", outcome);
    sent.map(|_| nothing()).map_err(failure)
}

fn open(smtp: &Smtp) -> Result<Transport, Failure> {
    let tls = match smtp.cover {
        Cover::None => Tls::None,
        Cover::Whole => Tls::Wrapper(parameters(smtp)?),
        Cover::AfterGreeting => Tls::Required(parameters(smtp)?),
    };
    let mut builder = Transport::builder_dangerous(&smtp.host)
        .port(if smtp.port == 0 { SMTP_PORT } else { smtp.port })
        .tls(tls)
        .hello_name(ClientId::Domain(smtp.from.email.domain().to_owned()))
        .timeout(Some(PATIENCE));
    if let Some(login) = &smtp.login {
        builder = builder.credentials(Credentials::new(login.user.clone(), login.password.clone()));
    }
    Ok(builder.build())
}

fn parameters(smtp: &Smtp) -> Result<TlsParameters, Failure> {
    let mut parameters = TlsParameters::builder(smtp.host.clone());
    if let Some(file) = &smtp.root {
        let unusable = |why: String| {
            let detail = "The file that HEARTH_SMTP_ROOT names cannot be used.";
            Failure::Again(Error::invalid("bad-setting", detail).because(why))
        };
        let pem = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
        let root = Certificate::from_pem(&pem).map_err(|error| unusable(error.to_string()))?;
        parameters = parameters.certificate_store(CertificateStore::None).add_root_certificate(root);
    }
    let unusable = |error: SmtpError| {
        let detail = "This machine cannot encrypt a conversation with the mail server.";
        Failure::Again(Error::broken("mail-unreachable", detail).because(error.to_string()))
    };
    parameters.build().map_err(unusable)
}

/// The word under which it is counted.
fn outcome(error: &SmtpError) -> &'static str {
    match (error.is_permanent(), error.is_transient()) {
        (true, _) => "refused",
        (_, true) => "put-off",
        _ => "unreachable",
    }
}

fn failure(error: SmtpError) -> Failure {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    match outcome(&error) {
        "refused" => {
            let detail = format!("The mail server refused this letter ({code}).");
            Failure::Final(Error::conflict("mail-refused", detail))
        }
        "put-off" => {
            let detail = format!("The mail server does not take this letter now ({code}).");
            Failure::Again(Error::conflict("mail-put-off", detail))
        }
        _ => {
            let detail = "The mail server could not be reached, or broke off.";
            Failure::Again(Error::broken("mail-unreachable", detail).because(error.to_string()))
        }
    }
}
