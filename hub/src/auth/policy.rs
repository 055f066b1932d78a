//! Who may do what, in one table.
//!
//! Every route of the program stands here once, with the kinds of actors that may use it. A route
//! that is missing is closed to all (and fails a test); a test walks every route with every kind of
//! actor. Finer rules (the last owner stays, people change only themselves) live where the change is
//! made.

use std::time::Duration;

use axum::http::Method;

use super::{Actor, Role};
use crate::devices::DeviceKind;

/// Kinds of actors, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who(u8);

impl Who {
    pub const OWNER: Who = Who(1);
    pub const MEMBER: Who = Who(2);
    pub const STAFF: Who = Who(4);
    pub const SERVICE: Who = Who(8);
    pub const STRANGER: Who = Who(16);
    pub const STATION: Who = Who(32);
    pub const SCREEN: Who = Who(64);

    const fn or(self, other: Who) -> Who {
        Who(self.0 | other.0)
    }

    pub const fn has(self, other: Who) -> bool {
        self.0 & other.0 != 0
    }

    pub fn of(actor: &Actor) -> Who {
        match actor {
            Actor::System => Who(0),
            Actor::Stranger => Who::STRANGER,
            Actor::Person { role: Role::Owner, .. } => Who::OWNER,
            Actor::Person { role: Role::Member, .. } => Who::MEMBER,
            Actor::Person { role: Role::Staff, .. } => Who::STAFF,
            Actor::Service { .. } => Who::SERVICE,
            Actor::Device { kind: DeviceKind::Station, .. } => Who::STATION,
            Actor::Device { kind: DeviceKind::Screen, .. } => Who::SCREEN,
        }
    }
}

const PEOPLE: Who = Who::OWNER.or(Who::MEMBER).or(Who::STAFF);
const HOUSEHOLD: Who = Who::OWNER.or(Who::MEMBER);
const SIGNED_IN: Who = PEOPLE.or(Who::SERVICE);
const DEVICES: Who = Who::STATION.or(Who::SCREEN);
/// Whoever handles food: people, the screen on the kitchen's wall, and programs that they let in.
const KITCHEN: Who = SIGNED_IN.or(Who::SCREEN);
const SCANNERS: Who = KITCHEN.or(Who::STATION);
const ANYBODY: Who = SIGNED_IN.or(DEVICES).or(Who::STRANGER);

/// One route, who may use it, and how long a request may take, streams and sockets apart.
pub struct Rule {
    pub method: Method,
    pub path: &'static str,
    pub who: Who,
    pub within: Duration,
}

impl Rule {
    /// Whether a bearer secret here belongs to the request that is asked about, and names nobody: a device
    /// that is not let in yet has nothing else to show.
    pub fn has_own_secret(&self) -> bool {
        matches!(
            (self.method.as_str(), self.path),
            ("GET", "/api/pairing/{id}") | ("POST", "/api/pairing/{id}/claim")
        )
    }
}

/// The same for a dump of a whole catalogue.
const DUMP: Duration = Duration::from_secs(4 * 3600);
/// How long a request may take.
const USUAL: Duration = Duration::from_secs(30);
/// The same for a file over a slow line.
const UPLOAD: Duration = Duration::from_secs(300);

const fn rule(method: Method, path: &'static str, who: Who) -> Rule {
    Rule { method, path, who, within: USUAL }
}

const fn slow_rule(method: Method, path: &'static str, who: Who) -> Rule {
    Rule { method, path, who, within: UPLOAD }
}

const fn dump_rule(method: Method, path: &'static str, who: Who) -> Rule {
    Rule { method, path, who, within: DUMP }
}

pub const RULES: &[Rule] = &[
    rule(Method::GET, "/", ANYBODY),
    rule(Method::GET, "/health", ANYBODY),
    rule(Method::GET, "/health/detailed", ANYBODY),
    rule(Method::GET, "/metrics", ANYBODY),
    rule(Method::GET, "/problems/{code}", ANYBODY),
    rule(Method::GET, "/app", ANYBODY),
    rule(Method::GET, "/app/", ANYBODY),
    rule(Method::GET, "/app/{*rest}", ANYBODY),
    rule(Method::GET, "/icons/{name}", ANYBODY),
    rule(Method::GET, "/v/{build}/{*path}", ANYBODY),
    rule(Method::GET, "/sw.js", ANYBODY),
    rule(Method::GET, "/manifest.webmanifest", ANYBODY),
    rule(Method::GET, "/favicon.ico", ANYBODY),
    rule(Method::GET, "/robots.txt", ANYBODY),
    rule(Method::GET, "/trust/hearth.crt", ANYBODY),
    rule(Method::GET, "/trust/hearth.pem", ANYBODY),
    rule(Method::GET, "/trust/hearth.mobileconfig", ANYBODY),
    rule(Method::GET, "/api/reach", ANYBODY),
    rule(Method::GET, "/api/docs", ANYBODY),
    rule(Method::GET, "/api/openapi.json", ANYBODY),
    rule(Method::GET, "/api/session", ANYBODY),
    rule(Method::POST, "/api/session", ANYBODY),
    rule(Method::DELETE, "/api/session", PEOPLE.or(Who::SCREEN)),
    rule(Method::POST, "/api/links/inspect", ANYBODY),
    rule(Method::POST, "/api/links/accept", ANYBODY),
    rule(Method::GET, "/api/ws", ANYBODY),
    rule(Method::POST, "/api/ws/ticket", SIGNED_IN.or(DEVICES)),
    rule(Method::GET, "/api/changes", SIGNED_IN.or(Who::SCREEN)),
    rule(Method::GET, "/api/house", SIGNED_IN.or(DEVICES)),
    rule(Method::PATCH, "/api/house", Who::OWNER),
    rule(Method::PATCH, "/api/house/warning", HOUSEHOLD),
    rule(Method::GET, "/api/house/demo", Who::OWNER),
    slow_rule(Method::POST, "/api/house/demo", Who::OWNER),
    slow_rule(Method::DELETE, "/api/house/demo", Who::OWNER),
    rule(Method::GET, "/api/members", SIGNED_IN),
    rule(Method::GET, "/api/members/{id}", SIGNED_IN),
    rule(Method::PATCH, "/api/members/{id}", Who::OWNER),
    rule(Method::DELETE, "/api/members/{id}", Who::OWNER),
    rule(Method::POST, "/api/members/{id}/reset", Who::OWNER),
    rule(Method::GET, "/api/invites", Who::OWNER),
    rule(Method::POST, "/api/invites", Who::OWNER),
    rule(Method::DELETE, "/api/invites/{id}", Who::OWNER),
    slow_rule(Method::POST, "/api/media", SIGNED_IN),
    rule(Method::GET, "/api/media/{id}", SIGNED_IN),
    rule(Method::DELETE, "/api/media/{id}", SIGNED_IN),
    // Strangers see what is public.
    rule(Method::GET, "/media/{id}/{variant}", ANYBODY),
    rule(Method::POST, "/api/products/enrich", SIGNED_IN),
    rule(Method::GET, "/api/catalogue", HOUSEHOLD.or(Who::SERVICE)),
    dump_rule(Method::POST, "/api/catalogue/import", Who::OWNER),
    rule(Method::DELETE, "/api/catalogue/import", Who::OWNER),
    rule(Method::GET, "/api/profile", PEOPLE),
    rule(Method::PATCH, "/api/profile", PEOPLE),
    rule(Method::POST, "/api/profile/password", PEOPLE),
    rule(Method::GET, "/api/profile/sessions", PEOPLE),
    rule(Method::DELETE, "/api/profile/sessions/{id}", PEOPLE),
    rule(Method::POST, "/api/pairing", ANYBODY),
    rule(Method::GET, "/api/pairing", HOUSEHOLD),
    rule(Method::GET, "/api/pairing/{id}", ANYBODY),
    rule(Method::POST, "/api/pairing/{id}/claim", ANYBODY),
    rule(Method::DELETE, "/api/pairing/{id}", HOUSEHOLD),
    rule(Method::GET, "/api/devices", HOUSEHOLD.or(Who::SERVICE)),
    rule(Method::POST, "/api/devices", HOUSEHOLD),
    rule(Method::GET, "/api/devices/me", DEVICES),
    rule(Method::GET, "/api/devices/{id}", HOUSEHOLD.or(Who::SERVICE)),
    rule(Method::PATCH, "/api/devices/{id}", HOUSEHOLD),
    rule(Method::DELETE, "/api/devices/{id}", HOUSEHOLD),
    rule(Method::GET, "/api/shopping", KITCHEN),
    rule(Method::POST, "/api/shopping", KITCHEN),
    rule(Method::DELETE, "/api/shopping", SIGNED_IN),
    rule(Method::GET, "/api/shopping/urgent", KITCHEN),
    rule(Method::GET, "/api/shopping/{id}", KITCHEN),
    rule(Method::PATCH, "/api/shopping/{id}", KITCHEN),
    rule(Method::PUT, "/api/shopping/{id}", KITCHEN),
    rule(Method::DELETE, "/api/shopping/{id}", KITCHEN),
    rule(Method::POST, "/api/shopping/{id}/purchase", KITCHEN),
    rule(Method::GET, "/api/system", HOUSEHOLD.or(Who::SERVICE)),
    rule(Method::GET, "/api/backups", Who::OWNER),
    rule(Method::POST, "/api/backups", Who::OWNER),
    rule(Method::GET, "/api/backups/{name}", Who::OWNER),
    rule(Method::GET, "/api/notifications/preferences", PEOPLE),
    rule(Method::PUT, "/api/notifications/preferences", PEOPLE),
    rule(Method::GET, "/api/notifications/webhooks", Who::OWNER),
    rule(Method::POST, "/api/notifications/webhooks", Who::OWNER),
    rule(Method::PATCH, "/api/notifications/webhooks/{id}", Who::OWNER),
    rule(Method::DELETE, "/api/notifications/webhooks/{id}", Who::OWNER),
    rule(Method::POST, "/api/notifications/test", PEOPLE),
    rule(Method::GET, "/api/work", HOUSEHOLD.or(Who::SERVICE)),
    rule(Method::GET, "/api/jobs", HOUSEHOLD.or(Who::SERVICE)),
    rule(Method::POST, "/api/jobs/{id}/retry", HOUSEHOLD),
    rule(Method::DELETE, "/api/jobs/{id}", HOUSEHOLD),
    slow_rule(Method::POST, "/api/receipts", SIGNED_IN),
    rule(Method::GET, "/api/receipts", KITCHEN),
    rule(Method::GET, "/api/receipts/{id}", KITCHEN),
    rule(Method::PATCH, "/api/receipts/{id}", SIGNED_IN),
    rule(Method::DELETE, "/api/receipts/{id}", SIGNED_IN),
    rule(Method::POST, "/api/receipts/{id}/lines", SIGNED_IN),
    rule(Method::PATCH, "/api/receipts/{id}/lines/{line}", SIGNED_IN),
    rule(Method::DELETE, "/api/receipts/{id}/lines/{line}", SIGNED_IN),
    rule(Method::POST, "/api/receipts/{id}/confirm", SIGNED_IN),
    rule(Method::POST, "/api/receipts/{id}/undo", SIGNED_IN),
    rule(Method::POST, "/api/receipts/{id}/retry", SIGNED_IN),
    rule(Method::GET, "/api/inventory", KITCHEN),
    rule(Method::POST, "/api/inventory", KITCHEN),
    rule(Method::POST, "/api/inventory/consume", KITCHEN),
    rule(Method::GET, "/api/inventory/value", HOUSEHOLD.or(Who::SERVICE)),
    rule(Method::GET, "/api/attention", KITCHEN),
    dump_rule(Method::GET, "/api/export.json", HOUSEHOLD.or(Who::SERVICE)),
    dump_rule(Method::GET, "/api/export/{file}", HOUSEHOLD.or(Who::SERVICE)),
    // The key in the address opens it.
    rule(Method::GET, "/api/calendar.ics", ANYBODY),
    rule(Method::GET, "/api/calendar/key", PEOPLE),
    rule(Method::POST, "/api/calendar/key", PEOPLE),
    rule(Method::DELETE, "/api/calendar/key", PEOPLE),
    rule(Method::GET, "/api/products/{id}/story", KITCHEN),
    rule(Method::GET, "/api/products/{id}/forecast", KITCHEN),
    rule(Method::GET, "/api/products/{id}/history", KITCHEN),
    rule(Method::GET, "/api/inventory/{id}", KITCHEN),
    rule(Method::PATCH, "/api/inventory/{id}", KITCHEN),
    rule(Method::DELETE, "/api/inventory/{id}", KITCHEN),
    rule(Method::POST, "/api/inventory/{id}/consume", KITCHEN),
    rule(Method::POST, "/api/inventory/{id}/open", KITCHEN),
    rule(Method::POST, "/api/inventory/{id}/spoil", KITCHEN),
    rule(Method::POST, "/api/inventory/{id}/transfer", KITCHEN),
    rule(Method::POST, "/api/inventory/{id}/count", KITCHEN),
    rule(Method::POST, "/api/scanner/scan", SCANNERS),
    slow_rule(Method::POST, "/api/scanner/sync", SCANNERS),
    rule(Method::POST, "/api/scanner/undo", SCANNERS),
    rule(Method::GET, "/api/scanner/mode", SCANNERS),
    rule(Method::POST, "/api/scanner/mode", SCANNERS),
    rule(Method::GET, "/api/scanner/stations", KITCHEN),
    rule(Method::GET, "/api/scanner/scans", SCANNERS),
    rule(Method::GET, "/api/scanner/decode", SCANNERS),
    rule(Method::GET, "/api/scanner/names", SCANNERS),
    rule(Method::GET, "/api/stocktakes", KITCHEN),
    rule(Method::POST, "/api/stocktakes", KITCHEN),
    rule(Method::GET, "/api/stocktakes/{id}", KITCHEN),
    rule(Method::DELETE, "/api/stocktakes/{id}", KITCHEN),
    rule(Method::GET, "/api/stocktakes/{id}/lines", KITCHEN),
    rule(Method::PATCH, "/api/stocktakes/{id}/lines/{line}", KITCHEN),
    rule(Method::DELETE, "/api/stocktakes/{id}/lines/{line}", KITCHEN),
    rule(Method::POST, "/api/stocktakes/{id}/scan", SCANNERS),
    rule(Method::POST, "/api/stocktakes/{id}/count", KITCHEN),
    rule(Method::GET, "/api/stocktakes/{id}/difference", KITCHEN),
    slow_rule(Method::POST, "/api/stocktakes/{id}/commit", KITCHEN),
    slow_rule(Method::POST, "/api/stocktakes/{id}/undo", KITCHEN),
    slow_rule(Method::POST, "/api/stocktakes/{id}/reopen", KITCHEN),
    rule(Method::GET, "/api/scanner/patterns", KITCHEN),
    rule(Method::POST, "/api/scanner/patterns", KITCHEN),
    rule(Method::DELETE, "/api/scanner/patterns/{id}", KITCHEN),
    rule(Method::GET, "/api/inbox", KITCHEN),
    rule(Method::POST, "/api/inbox/{id}/resolve", KITCHEN),
    rule(Method::GET, "/api/movements", KITCHEN),
    rule(Method::POST, "/api/movements/{id}/undo", KITCHEN),
    rule(Method::GET, "/api/products", KITCHEN),
    rule(Method::POST, "/api/products", KITCHEN),
    rule(Method::GET, "/api/products/lookup", KITCHEN.or(Who::STATION)),
    rule(Method::GET, "/api/products/{id}", KITCHEN),
    rule(Method::PATCH, "/api/products/{id}", KITCHEN),
    rule(Method::DELETE, "/api/products/{id}", SIGNED_IN),
    rule(Method::POST, "/api/products/{id}/merge", SIGNED_IN),
    rule(Method::GET, "/api/products/{id}/codes", KITCHEN),
    rule(Method::POST, "/api/products/{id}/codes", KITCHEN),
    rule(Method::DELETE, "/api/products/{id}/codes", KITCHEN),
    rule(Method::GET, "/api/places", KITCHEN.or(Who::STATION)),
    rule(Method::POST, "/api/places", SIGNED_IN),
    rule(Method::GET, "/api/places/{id}", KITCHEN.or(Who::STATION)),
    rule(Method::PATCH, "/api/places/{id}", SIGNED_IN),
    rule(Method::DELETE, "/api/places/{id}", SIGNED_IN),
    rule(Method::GET, "/api/categories", KITCHEN),
    rule(Method::POST, "/api/categories", SIGNED_IN),
    rule(Method::GET, "/api/categories/{id}", KITCHEN),
    rule(Method::PATCH, "/api/categories/{id}", SIGNED_IN),
    rule(Method::DELETE, "/api/categories/{id}", SIGNED_IN),
    rule(Method::GET, "/api/units", KITCHEN),
    rule(Method::POST, "/api/units", SIGNED_IN),
    rule(Method::GET, "/api/units/{id}", KITCHEN),
    rule(Method::PATCH, "/api/units/{id}", SIGNED_IN),
    rule(Method::DELETE, "/api/units/{id}", SIGNED_IN),
    // What people must not eat is for those they eat with.
    rule(Method::GET, "/api/members/{id}/allergens", HOUSEHOLD),
    rule(Method::PUT, "/api/members/{id}/allergens", HOUSEHOLD),
    rule(Method::GET, "/api/questions", KITCHEN),
    rule(Method::POST, "/api/questions/{id}/answer", KITCHEN),
    rule(Method::GET, "/api/labels/{file}", SIGNED_IN),
];

/// The rule for a route, by its pattern.
pub fn rule_for(method: &Method, path: &str) -> Option<&'static Rule> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    RULES.iter().find(|rule| rule.method == *method && rule.path == path)
}

/// The event that ends sign-ins; its entity is a session, a member, a token or a device. For the hub alone.
pub const SIGNED_OUT: &str = "auth.signed_out";

/// The event that sends a member's live sockets to come back under another role. For the hub alone.
pub const ROLE_CHANGED: &str = "auth.role_changed";

/// Whether an actor may see what `/health/detailed` says of each part. No address is trusted more than
/// another: behind a proxy on the same machine everybody comes from there.
pub fn may_see_health(actor: &Actor) -> bool {
    HOUSEHOLD.or(Who::SERVICE).has(Who::of(actor))
}

/// Whether an actor may see an event of this type about this entity. Devices are shown what happens in the
/// house and nothing about its people; of devices, themselves.
pub fn may_see(actor: &Actor, kind: &str, entity: &str) -> bool {
    let who = Who::of(actor);
    let family = kind.split_once('.').map_or(kind, |(family, _)| family);
    if let Actor::Device { id, .. } = actor {
        return match family {
            "station" | "screen" => id.to_string() == entity,
            "house" | "day" | "stock" | "inventory" | "place" | "product" | "question" | "scan" => true,
            "category" | "unit" => who.has(Who::SCREEN),
            "shopping" | "receipt" | "stocktake" => who.has(Who::SCREEN),
            _ => false,
        };
    }
    match family {
        "auth" => false,
        "pairing" | "allergens" => who.has(HOUSEHOLD),
        "station" | "screen" => who.has(HOUSEHOLD.or(Who::SERVICE)),
        "invite" | "backup" => who.has(Who::OWNER),
        "job" | "catalogue" => who.has(HOUSEHOLD.or(Who::SERVICE)),
        _ => who.has(SIGNED_IN),
    }
}
