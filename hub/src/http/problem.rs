//! The one door through which failures leave: `application/problem+json` (RFC 9457).
//!
//! `type` is an address under `/problems/` that this hub serves; `code` is its last part and never
//! changes once released. A 5xx says nothing of its cause; the cause is in the log, once, with the
//! request id that the body carries. Only wrong fields are told in another language than English.

pub mod flaws;

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::error::{Error, Kind};
use crate::house::Language;

use super::extract::Path;

impl Kind {
    pub fn status(self) -> StatusCode {
        match self {
            Kind::Invalid => StatusCode::BAD_REQUEST,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Kind::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Kind::Invalid => "The request cannot be used",
            Kind::Unauthenticated => "Sign-in needed",
            Kind::Forbidden => "Not allowed",
            Kind::NotFound => "Not found",
            Kind::MethodNotAllowed => "Not possible here",
            Kind::Conflict => "Not as things stand",
            Kind::TooLarge => "Too large",
            Kind::Unsupported => "Not a form that is read here",
            Kind::KeyReused => "The key was used for something else",
            Kind::TooMany => "Too often",
            Kind::Broken => "Something broke",
            Kind::Unavailable => "Not right now",
        }
    }
}

/// An error on its way out; [`render`] makes the body when the request id is known.
#[derive(Clone)]
struct Leaving(Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.kind().status().into_response();
        response.extensions_mut().insert(Leaving(Arc::new(self)));
        response
    }
}

/// The code of a response that failed.
pub fn code(response: &Response) -> Option<&'static str> {
    response.extensions().get::<Leaving>().map(|Leaving(error)| error.code())
}

/// Gives a failed response its body, and the log its line.
pub fn render(mut response: Response, request_id: &str, language: Language) -> Response {
    let Some(Leaving(error)) = response.extensions_mut().remove::<Leaving>() else {
        return response;
    };
    if error.kind().status().is_server_error() {
        match error.kind() {
            Kind::Broken => tracing::error!(request_id, error = error.chain(), "a request failed"),
            _ => tracing::warn!(request_id, error = error.chain(), "a request had to be put off"),
        }
    }
    let body = document(&error, Some(request_id), language).to_string();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(header::CONTENT_LENGTH);
    if let Some(seconds) = error.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    *response.body_mut() = body.into();
    response
}

/// The document itself, which the live channel sends as well.
pub fn document(error: &Error, request_id: Option<&str>, language: Language) -> Value {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| drop(body.insert(key.to_owned(), value));
    put("type", json!(format!("/problems/{}", error.code())));
    put("title", json!(error.kind().title()));
    put("status", json!(error.kind().status().as_u16()));
    put("code", json!(error.code()));
    put("detail", json!(error.detail()));
    if let Some(id) = request_id {
        put("request_id", json!(id));
    }
    if !error.fields().is_empty() {
        put("errors", json!(flaws::told(error.fields(), language)));
    }
    if let Some(current) = error.current() {
        put("current", current.clone());
    }
    if let Some(seconds) = error.retry_after() {
        put("retry_after", json!(seconds));
    }
    Value::Object(body)
}

/// What each code means and what to do about it. A test holds this against the source.
pub const CODES: &[(&str, &str)] = &[
    ("act-shape", "A fault of the hub: it could not make an act of what was asked. The log says more."),
    ("already-put-away", "What was bought went into the stock before. `current` is the entry as it is."),
    ("already-set-up", "The house has an owner already. Sign in, or ask an owner for an invitation."),
    ("already-there", "It is in that place already; there is nothing to move."),
    (
        "already-undone",
        "This was taken back before. Each movement is taken back once; what took it back can be taken back too.",
    ),
    ("amount-too-large", "The amount is more than a billion of the product's unit."),
    ("answer-shape", "A fault of the hub: it could not write an answer. The log says more."),
    (
        "backup-damaged",
        "The backup is damaged or was cut off, or the house in it contradicts itself. Nothing was changed; take another one.",
    ),
    ("backup-unreadable", "The backup, or the folder of backups, is not there or cannot be read by the hub."),
    (
        "backup-unwritable",
        "A backup cannot be written where it was to go. See the folder's owner, and whether its disk is there.",
    ),
    (
        "bad-amount",
        "The amount of a scan is nothing, less than nothing, more than a billion, or cannot be said in the product's unit.",
    ),
    ("bad-authority", "The house's own authority cannot be used; the line says which file, and what to do."),
    (
        "bad-barcode",
        "This is not the number of a product. It has 8, 12, 13 or 14 digits, the last of which checks the others.",
    ),
    (
        "bad-calendar-key",
        "This address opens no calendar any more. Make a new key and subscribe to its address.",
    ),
    ("bad-certificate", "The certificate or its key cannot be used; the line says which file and why."),
    ("bad-cursor", "A list was continued from a place that this hub did not give out. Start it anew."),
    ("bad-database-url", "The address of the database cannot be used; the line says why."),
    (
        "bad-idempotency-key",
        "An Idempotency-Key has 1 to 255 visible ASCII characters; a UUID is a good one.",
    ),
    ("bad-redis-url", "The address of Redis cannot be read. It looks like redis://localhost:6379."),
    ("bad-setting", "A setting of the hub cannot be used; the line says which."),
    ("bad-subscription", "The types, the channel or the position of a subscription cannot be read."),
    ("bad-token", "The bearer token is unknown or was revoked. Make a new one on the hub's command line."),
    (
        "base-unit-in-use",
        "Amounts of the product were booked in its base unit. Make a product of its own for the other unit.",
    ),
    ("bus-started", "A fault in the hub itself; please report it."),
    (
        "cannot-undo",
        "There is nothing in the books yet that could be taken back, or it is not taken back this way.",
    ),
    (
        "catalogue-damaged",
        "The dump, or the catalogue file made of one, is damaged or was cut off. Fetch the dump once more and import it.",
    ),
    (
        "catalogue-disk",
        "The folder of the catalogue cannot be used right now; what was there before stays. Try again.",
    ),
    (
        "catalogue-empty",
        "Nothing of the dump would be kept. Look at the languages and countries that were asked for.",
    ),
    ("catalogue-importing", "A catalogue is being imported. Wait until that has ended."),
    (
        "catalogue-missing",
        "There is no catalogue file yet. The manual on the catalogue says how to make one.",
    ),
    (
        "catalogue-no-dump",
        "The file is no dump of Open Food Facts: neither JSONL nor its CSV, which has tabs. Perhaps it is a page that says why.",
    ),
    (
        "catalogue-no-languages",
        "The CSV dump does not say in which languages products are. Choose by country, or take the JSONL dump.",
    ),
    ("catalogue-not-importing", "No catalogue is being imported; there is nothing to stop."),
    ("catalogue-picture", "The picture of a product could not be fetched. It is tried again by itself."),
    ("catalogue-shape", "A fault in the hub itself; please report it."),
    ("catalogue-stopped", "The import was stopped in the middle. Asked for again, it goes on from there."),
    (
        "catalogue-unreadable",
        "The dump is not there, or the hub may not read it; the line says which file and why.",
    ),
    ("category-exists", "No two categories have the same name. Choose another."),
    ("change-dropped", "The database ended the change early. Nothing was kept; try again."),
    (
        "changed-migration",
        "The database was made by another build of this version. Use that build, or restore a backup.",
    ),
    ("check-violation", "That would contradict a rule of the data."),
    ("code-of-a-case", "The code names a case by what it holds. Scan what it holds, or add that code."),
    (
        "code-of-the-house",
        "Labels and command cards of the house stand for no product. Use the code on the pack.",
    ),
    (
        "code-taken",
        "The code stands for another product, `current`. Merge the two, or take it from that one first.",
    ),
    ("code-too-long", "A code that is no number has at most 200 bytes."),
    ("code-unreadable", "The code is damaged. Scan it once more, or type the digits below the bars."),
    ("contended", "Several changes met. Nothing was kept; try again."),
    ("cross-site", "A page of another site tried to change something here; that is refused."),
    (
        "database-busy",
        "Another program holds the database. Try again; if it lasts, see what else has it open.",
    ),
    (
        "database-damaged",
        "The database's file is damaged. Stop the hub, run `hearth-hub check` (`sudo hearth check` where the package is installed), restore a backup.",
    ),
    ("database-error", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("database-overloaded", "More changes are waiting than can be served. Try again shortly."),
    (
        "database-refused",
        "The PostgreSQL server does not let the hub in, or has no such database. See HEARTH_DATABASE_URL.",
    ),
    (
        "database-shape",
        "The database holds something this version cannot read. Run `hearth-hub check` (`sudo hearth check` where the package is installed).",
    ),
    (
        "database-unavailable",
        "The database cannot be reached or its file cannot be used. Nothing was kept; try again.",
    ),
    (
        "demo-unpaired",
        "A scanner of the invented household could not be let in. This is a fault of the program.",
    ),
    ("demo-not-here", "There is no invented larder in this house; it may have been cleared away already."),
    ("disk-full", "The disk of the hub is full. Nothing was kept. Free some space, then try again."),
    ("document-public", "Documents, such as receipts, are never shown to strangers. Use a picture."),
    (
        "entry-deleted",
        "Somebody took this off the shopping list. It stays off it; write it down anew if it is wanted after all.",
    ),
    ("entry-exists", "Another entry was written down under this id. `current` is that one; use a new id."),
    ("event-shape", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("export-lost", "A fault in the hub itself; the log holds the cause. Please report it."),
    (
        "export-unwritable",
        "The hub could not lay down the export beside the house's data. See the folder's owner, and whether its disk is there.",
    ),
    ("file-exists", "There is a file of this name already; choose another name."),
    ("forbidden", "You are signed in, but this is not for you. An owner of the house can do it."),
    ("foreign-database", "The database given to the hub belongs to another program. Give it an empty one."),
    ("foreign-key-violation", "That refers to something which does not exist."),
    ("house-not-empty", "There are products in this house already; the invented larder is for an empty one."),
    ("hub-running", "Another hub uses this data folder. Stop it first, or give this one another folder."),
    ("hub-unwell", "The hub does not serve. Its log says why; `/health/detailed` names the part."),
    (
        "inexact-amount",
        "The conversion has more than three decimals, and nothing is rounded here. Say it in the product's own unit.",
    ),
    ("invalid-request", "Some fields are wrong; `errors` names each with what is expected."),
    ("job-interrupted", "The hub ended in the middle of this work, each time it was tried."),
    ("job-shape", "What a piece of work is about cannot be read; please report it."),
    ("job-too-large", "One piece of work was to carry more than 16 KiB. Split the request."),
    ("job-too-slow", "A piece of work took longer than it may take, and was stopped."),
    ("key-reused", "The Idempotency-Key was used before with another body. Use a new key for a new request."),
    ("label-does-not-fit", "A code could not be made into a symbol. Report it with what was to be printed."),
    ("labels-stopped", "The labels could not be made. Try again, or report it with the request id."),
    ("last-owner", "A house keeps at least one owner. Make somebody else an owner first."),
    ("last-place", "A house keeps at least one place. Make another one first."),
    ("link-unknown", "One-time links work once and not for ever. Ask an owner of the house for a new one."),
    ("list-full", "The shopping list has as many entries as it can hold. Clear what was bought first."),
    ("lot-empty", "There is nothing left of this lot."),
    (
        "mail-put-off",
        "The mail server takes no letter now. It is tried again for two days; the page on work shows it.",
    ),
    (
        "mail-refused",
        "The mail server refused a letter for good. Look at HEARTH_SMTP_URL, HEARTH_SMTP_FROM and the address, then try again.",
    ),
    ("mail-shape", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("mail-unconfigured", "The hub has no mail server. Name one with HEARTH_SMTP_URL and HEARTH_SMTP_FROM."),
    (
        "mail-unreachable",
        "The mail server could not be reached. It is tried again for two days; look at HEARTH_SMTP_URL.",
    ),
    ("malformed-json", "The body is not JSON; `detail` says where it stops being it."),
    ("media-broken", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("media-busy", "Many pictures came at once. Wait as many seconds as Retry-After says."),
    (
        "media-missing",
        "The picture's file is gone from the store, perhaps because only the database was restored. Send it anew.",
    ),
    ("media-owned", "The picture belongs to something. Remove it there, or send it once more for the other."),
    (
        "media-unavailable",
        "The folder or the bucket for pictures cannot be used right now. Nothing was kept; try again.",
    ),
    ("merge-with-itself", "Two different products are needed to make one of them."),
    ("method-not-allowed", "The address exists, but not for this method."),
    ("name-taken", "Names are how people sign in, so no two are the same. Choose another."),
    ("newer-backup", "A newer version of Hearth made this backup. Install that version, then restore."),
    (
        "newer-database",
        "The database was made by a newer version. Install that, or restore a backup of this one.",
    ),
    ("no-announcement", "The hub could not take its name in the local network; its address still works."),
    ("no-authority", "The certificate of this house was signed by somebody else; there is none to trust."),
    ("no-encryption", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("no-mail-address", "You have not said where letters are to go."),
    ("no-place-chosen", "Scan the card of a place first, or name `place_id`: things have to go somewhere."),
    ("no-reader", "Nothing on this machine reads that. Install what `detail` names, or type the lines in."),
    ("no-row", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("no-such-page", "What is printed has fewer pages; they are counted from 1."),
    ("no-thread", "The machine let the hub start no more threads. Look at its limits."),
    ("not-a-backup", "This file is no backup made by Hearth."),
    ("not-a-demo", "The folder holds a real household. Give the demo a folder of its own with --data."),
    (
        "not-an-upload",
        "Send the file itself, with its content type, or a form (multipart/form-data) with it.",
    ),
    (
        "not-enough",
        "There is less of it there than was asked for; `current.missing` says how much less. Nothing was booked.",
    ),
    ("not-found", "There is nothing at this address."),
    ("not-json", "Bodies are JSON: send Content-Type: application/json."),
    ("not-null-violation", "Something that is needed is missing."),
    ("not-repeatable", "A fault in the hub itself; please report it."),
    ("not-set-up", "The house has no owner yet. Open the set-up link that the hub printed when it started."),
    ("not-your-station", "A station sends scans of its own and of no other."),
    ("nothing-to-open", "All of it is open already."),
    (
        "nothing-to-print",
        "There is nothing yet that a label could be printed for. Add a place, or put something away.",
    ),
    (
        "labels-ambiguous",
        "The labels can be read in more than one way. Add one of another article of the shop, or a heavier or dearer \
         one, or say which of the `layouts` in the answer it is.",
    ),
    (
        "labels-contradict",
        "The labels cannot have been written in one way: what is printed on one of them was mistyped, or they are not \
         of one article of one shop.",
    ),
    (
        "labels-teach-nothing",
        "What is printed on the labels does not show where in their numbers it stands; the answer says of which label \
         and why.",
    ),
    (
        "nothing-to-complete",
        "This code says only until when, how much or which batch, and nothing was scanned just before that it could \
         be about: scan the product first.",
    ),
    (
        "nothing-to-undo",
        "There is no scan that could be taken back: none of this station, or one that changed nothing.",
    ),
    ("old-server", "The PostgreSQL server is too old."),
    (
        "older-database",
        "The database was made by an older version. Start the hub once; it brings it up to date.",
    ),
    (
        "outcome-unknown",
        "The database went away in the middle. Look, or repeat with the same Idempotency-Key.",
    ),
    ("pairing-confirmed", "Somebody else typed this code a moment ago; the device is in the list already."),
    ("pairing-locked", "Too many wrong codes were typed. Wait as many seconds as Retry-After says."),
    (
        "pairing-over",
        "The request of this device has run out or was refused. Let the device ask anew; it shows another code.",
    ),
    ("pairing-waiting", "Nobody has typed the code of this device yet. Ask again in a few seconds."),
    ("panicked", "A fault in the hub itself; the log holds the cause. Please report it."),
    (
        "partly-used",
        "Some of what came was used since. `current.missing` says how much; with `partial=true` what is left is taken back.",
    ),
    ("password-form", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("passwords-gone", "A fault in the hub itself; restart it, and please report it."),
    ("people-only", "Scripts cannot do this; sign in as a person."),
    ("picture-broken", "The picture is damaged or was cut off. Take it anew, or save it anew as a JPEG."),
    (
        "picture-heic",
        "HEIC pictures cannot be read here. On an iPhone choose Settings, Camera, Formats, Most Compatible, or \
         send the picture from the app, which turns it into a JPEG.",
    ),
    (
        "picture-hides",
        "Behind the end of the picture there is an archive, a document, a web page or a program, as no camera puts there. Save the picture anew.",
    ),
    ("picture-too-large", "The picture has more pixels than are unpacked here. Send it smaller."),
    ("picture-unknown", "What was sent is no picture of a kind that is read here: JPEG, PNG or WebP."),
    ("place-exists", "No two places have the same name. Choose another."),
    ("place-in-use", "Something is still in the place. Move it or use it up first."),
    (
        "plain-http",
        "The hub does not talk to other machines without encryption. Use its https address, or its proxy.",
    ),
    ("product-archived", "The product is archived. Take it back into use, or choose another."),
    (
        "product-in-stock",
        "There is some of the product left. Use it up, write it off, or archive it with what is left.",
    ),
    ("product-merged", "The product became a part of another; `current.merged_into` says which."),
    ("question-settled", "Somebody answered this question before, or a scan that came late explained it."),
    ("reader-failed", "What reads receipts cannot be reached or broke off. It is tried again by itself."),
    (
        "reader-refused",
        "What reads receipts could make nothing of the picture. Take it again, straight and in good light.",
    ),
    (
        "receipt-confirmed",
        "The receipt is confirmed. Take back what it brought first; then it is open again.",
    ),
    (
        "receipt-booked-before",
        "A receipt of the same minute and total is booked already (`current`). Say `same`: `book` if it is another.",
    ),
    ("receipt-not-booked", "The receipt is not booked, or what it brought was taken back before."),
    ("receipt-not-read", "The receipt could not be read. Type its lines in, or have it read again."),
    (
        "receipt-processing",
        "The receipt is still being read. Wait for `receipt.completed` or `receipt.failed`.",
    ),
    ("receipt-read", "The receipt is read already. Put its lines right, or delete it and send it anew."),
    ("receipt-too-long", "A receipt has 300 lines at most. Split it."),
    (
        "receipt-unclear",
        "Some items have no product, or no amount in its unit; `errors` names each. Say it, or ignore them.",
    ),
    (
        "restore-stuck",
        "A file could not be moved while restoring; the line says which. Mend that and restore again.",
    ),
    (
        "restore-unfinished",
        "Restoring was interrupted. Restore the same backup again; what was there before is kept beside it.",
    ),
    (
        "scan-id-reused",
        "A scan with this id was here before with other content; `current` is what it led to. Each scan has an id of its own.",
    ),
    ("shutting-down", "The hub is stopping or restarting. Try again in a moment."),
    ("sign-in-busy", "Many are signing in at once. Try again in a few seconds."),
    ("sign-in-needed", "Sign in first, or send a bearer token."),
    (
        "stale-version",
        "Somebody else was faster. `current` holds the present state; look, then decide again.",
    ),
    ("stocktake-begun", "Another count of this place goes on. Commit or drop that one first."),
    ("stocktake-booked", "This count is committed. Take it back first, and then go on with it."),
    (
        "stocktake-empty",
        "Nothing was counted yet. Count something, or say that what was not counted is not there.",
    ),
    (
        "stocktake-full",
        "A count has at most 5,000 lines and books at most 5,000 products. Commit it, or count a smaller place.",
    ),
    ("stocktake-open", "The count is not committed yet, so there is nothing to take back. Drop it instead."),
    (
        "stocktake-over",
        "The count of this place was committed or dropped. Begin another; `current`, where it is there, is how it ended.",
    ),
    ("thread-ended", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("too-large", "More than is taken at once; `detail` names the limit."),
    ("too-many-categories", "A house has at most 200 categories. Archive some first."),
    ("too-many-changes", "One request changed more than can be announced at once. Split it."),
    ("too-many-clients", "More live connections than this hub takes. Close some, or try again later."),
    (
        "too-many-codes",
        "A product has at most 100 codes, and one code means at most 100 products. Remove some first.",
    ),
    ("too-many-devices", "The house has as many devices as it can keep. Remove one first."),
    ("too-many-invites", "Too many invitations are open. Withdraw some first."),
    ("too-many-pairings", "Many devices are asking to be let in. Wait until their codes have run out."),
    ("too-many-places", "A house has at most 200 places. Archive some first."),
    ("too-many-requests", "Too often. Wait as many seconds as Retry-After says."),
    ("too-many-rows", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("too-many-scans", "A batch has 500 scans at most; send the rest in another."),
    ("too-many-units", "A house has at most 200 units of its own. Remove some first."),
    (
        "too-many-unowned",
        "You sent many pictures that belong to nothing. Take some back, or wait until they are let go.",
    ),
    ("too-many-webhooks", "The house calls as many programs as it can. Remove one first."),
    (
        "too-slow",
        "The request took too long and was given up. A change that had begun is still kept as a whole or not at all.",
    ),
    ("transaction-poisoned", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("typeface-unreadable", "A typeface that comes with the hub cannot be read: install the hub again."),
    ("unanswered", "A fault in the hub itself; the log holds the cause. Please report it."),
    ("unique-violation", "That exists already."),
    (
        "unit-does-not-fit",
        "The unit measures something else than the product is kept in. Say in the product how much one of it is.",
    ),
    ("unit-exists", "No two units of the house have the same name. Choose another."),
    ("units-differ", "The products are kept in different base units, so their amounts cannot be added up."),
    ("unknown-backup", "There is no backup of this name any more; the oldest are deleted as new ones come."),
    (
        "unknown-card",
        "The card names a mode, a place or a person that is not there (any more). Print a new one.",
    ),
    ("unknown-category", "There is no category of this id, or it was archived."),
    ("unknown-channel", "There is no such live channel, or it is not for you."),
    ("unknown-code", "The code does not stand for this product."),
    ("unknown-command", "The hub does not know this kind of message on the live channel."),
    ("unknown-device", "There is no device of this id, or it was removed."),
    ("unknown-entry", "Nothing of this id waits in the inbox; somebody settled it before."),
    ("unknown-house-unit", "There is no unit of the house of this id."),
    ("unknown-invite", "The invitation was used, withdrawn or has expired."),
    ("unknown-job", "The work was done, tried again or dropped in the meantime."),
    ("unknown-lot", "There is no such lot."),
    ("unknown-media", "There is no such picture, or nobody holds on to it any more."),
    ("unknown-member", "Nobody of the house has this id."),
    ("unknown-movement", "There is no such movement in the ledger."),
    ("unknown-pairing", "This request of a device is not open here any more, or not yours. Ask anew."),
    ("too-many-patterns", "A house knows 200 patterns of shops' labels at most; remove some."),
    ("unknown-pattern", "There is no such pattern of labels; it may have been removed."),
    ("unknown-place", "There is no such place, or it is not in use any more."),
    ("unknown-product", "There is no such product."),
    ("unknown-question", "There is no such question."),
    ("unknown-receipt", "There is no such receipt; perhaps somebody deleted it."),
    ("unknown-receipt-line", "This receipt has no such line; perhaps somebody removed it."),
    ("unknown-session", "This device is not signed in, or not as you."),
    ("unknown-stocktake", "There is no such count."),
    ("unknown-stocktake-line", "This count has no such line; perhaps somebody removed it."),
    ("unknown-token", "There is no service token of this name."),
    (
        "unknown-unit",
        "Nobody knows this unit: it is none that everybody knows, none of the house, and none of the product.",
    ),
    ("unknown-webhook", "There is no program of this id, or it was removed."),
    (
        "unsuitable-database",
        "The database has another encoding or collation than Hearth needs; the line says how to make one.",
    ),
    ("upload-broken-off", "The upload ended too early or cannot be read. Send it again."),
    ("upload-empty", "Nothing was sent. Choose a file."),
    (
        "use-server-tools",
        "A PostgreSQL server has tools of its own for this, such as pg_dump; the manual on operations says what else to save.",
    ),
    (
        "webhook-put-off",
        "The program takes no call now. It is tried again for two days; the page on work shows it.",
    ),
    (
        "webhook-redirected",
        "The address of the program leads elsewhere, and that is not followed. Give the right one.",
    ),
    (
        "webhook-refused",
        "The program refused the call for good. Look at its address and its log, then try again.",
    ),
    (
        "webhook-unreachable",
        "The program could not be reached. It is tried again for two days; look at its address.",
    ),
    ("wrong-code", "No device shows this code now. Look at the device again; wrong codes are counted."),
    ("wrong-credentials", "Name and password do not belong together. An owner can make you a reset link."),
    ("wrong-host", "The hub was addressed by a name it does not know. Add it with --hosts."),
    ("wrong-password", "The present password is another one."),
];

/// `GET /problems/{code}`: the code, explained.
pub async fn page(Path(code): Path<String>) -> Result<Html<String>, Error> {
    let known = CODES.iter().find(|(known, _)| *known == code);
    let (code, meaning) = known.ok_or_else(|| Error::not_found("not-found", "There is no such problem."))?;
    let meaning = meaning.replace('&', "&amp;").replace('<', "&lt;");
    Ok(Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{code} · Hearth</title>\
         <main><h1>{code}</h1><p>{meaning}</p></main></html>"
    )))
}
