//! The house as messages: what each topic says, and how Home Assistant is told that it is there.
//!
//! One topic for each figure, kept by the broker, so that whoever comes later sees it at once and other
//! programs read it without knowing Home Assistant:
//!
//! ```text
//! hearth/status            online | offline
//! hearth/due_soon          3
//! hearth/last_scan         Oat milk
//! hearth/station/<id>      ON | OFF
//! ```

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::outward::Mqtt;
use crate::db::{Tx, Verbs};
use crate::devices::{self, Device, DeviceId, DeviceKind, Revoked};
use crate::error::Result;
use crate::house::{self, House, Language};
use crate::jobs;
use crate::kitchen::summary::{Summary, summary};
use crate::sql;

use super::wire::Message;

/// The longest text that is told; Home Assistant takes no longer one.
const LONGEST: usize = 250;
/// How long a station that was sent off is taken away, in case nobody was there to do it at once.
const GONE_SECONDS: i64 = 30 * 24 * 3600;

/// What is told of the house.
#[derive(Debug, Clone, PartialEq)]
pub struct HouseSummary {
    pub house: House,
    pub kitchen: Summary,
    /// Work that was given up.
    pub work_failed: i64,
    pub stations: Vec<Device>,
    /// Those that were sent off.
    pub gone: Vec<DeviceId>,
}

/// The house as it is; none before it is set up.
pub fn house_summary(tx: &Tx) -> Result<Option<HouseSummary>> {
    let Some(house) = house::find(tx)? else { return Ok(None) };
    let stations = devices::page(tx, None, Revoked::LeftOut, 500)?;
    let stations = stations.into_iter().filter(|device| device.kind == DeviceKind::Station).collect();
    let gone: Vec<(DeviceId,)> = tx.all(
        sql!("SELECT id FROM devices WHERE kind = 'station' AND revoked_at > $1 ORDER BY id LIMIT 200"),
        (tx.now().plus_seconds(-GONE_SECONDS),),
    )?;
    let gone = gone.into_iter().map(|(id,)| id).collect();
    let work_failed = jobs::counts(tx)?.failed;
    Ok(Some(HouseSummary { house, kitchen: summary(tx)?, work_failed, stations, gone }))
}

/// A number that is told.
struct Figure {
    id: &'static str,
    english: &'static str,
    german: &'static str,
    icon: &'static str,
    of: fn(&HouseSummary) -> i64,
}

const FIGURES: &[Figure] = &[
    Figure {
        id: "due_soon",
        english: "Due soon",
        german: "Bald fällig",
        icon: "mdi:calendar-clock",
        of: |it| it.kitchen.due_soon,
    },
    Figure {
        id: "expired",
        english: "Past its date",
        german: "Über dem Datum",
        icon: "mdi:calendar-alert",
        of: |it| it.kitchen.expired,
    },
    Figure {
        id: "below_minimum",
        english: "Running low",
        german: "Geht zur Neige",
        icon: "mdi:basket-minus-outline",
        of: |it| it.kitchen.below_minimum,
    },
    Figure {
        id: "unknown",
        english: "Unknown products",
        german: "Unbekannte Produkte",
        icon: "mdi:barcode-scan",
        of: |it| it.kitchen.unknown,
    },
    Figure {
        id: "questions",
        english: "Questions",
        german: "Fragen",
        icon: "mdi:help-circle-outline",
        of: |it| it.kitchen.questions,
    },
    Figure {
        id: "shopping",
        english: "To buy",
        german: "Zu kaufen",
        icon: "mdi:cart-outline",
        of: |it| it.kitchen.shopping,
    },
    Figure {
        id: "work_failed",
        english: "Failed work",
        german: "Gescheiterte Arbeiten",
        icon: "mdi:alert-circle-outline",
        of: |it| it.work_failed,
    },
];

/// The topics and words of one house.
pub struct Home<'a> {
    settings: &'a Mqtt,
    /// What tells this house from another on the same broker.
    node: String,
    address: &'a str,
}

/// Whether the hub is there; the broker says `offline` for one that is gone without a word.
pub fn status(settings: &Mqtt, word: &'static str) -> Message {
    Message::kept(format!("{}/status", settings.topic), word)
}

/// Where Home Assistant says that it has begun.
pub fn birth(settings: &Mqtt) -> String {
    format!("{}/status", settings.discovery)
}

/// The end of a house's id, which is its random part.
pub fn node(house: &House) -> String {
    let id = house.id.to_string();
    format!("hearth_{}", &id[id.len().saturating_sub(12)..])
}

impl<'a> Home<'a> {
    pub fn new(settings: &'a Mqtt, house: &House, address: &'a str) -> Home<'a> {
        Home { settings, node: node(house), address }
    }

    /// Every topic with what it says now. An empty text takes away what the broker keeps.
    pub fn messages(&self, house: &HouseSummary) -> BTreeMap<String, String> {
        let mut said = BTreeMap::new();
        for figure in FIGURES {
            said.insert(self.topic(figure.id), (figure.of)(house).to_string());
            said.insert(self.config("sensor", figure.id), self.figure(house, figure).to_string());
        }
        let last = house.kitchen.last_scan.as_ref();
        said.insert(self.topic("last_scan"), last.map(|it| short(&it.what)).unwrap_or_default());
        said.insert(self.topic("last_scan_at"), last.map(|it| it.at.to_string()).unwrap_or_default());
        let words = |english: &'static str, german: &'static str| self.words(house, english, german);
        let mut config = self.entity(house, "last_scan", words("Last scan", "Zuletzt gescannt"));
        config["icon"] = json!("mdi:barcode");
        said.insert(self.config("sensor", "last_scan"), config.to_string());
        let mut config = self.entity(house, "last_scan_at", words("Last scan at", "Zuletzt gescannt um"));
        config["device_class"] = json!("timestamp");
        said.insert(self.config("sensor", "last_scan_at"), config.to_string());
        for station in &house.stations {
            let id = format!("station/{}", station.id);
            said.insert(self.topic(&id), if station.online { "ON" } else { "OFF" }.to_owned());
            said.insert(self.station_config(station.id), self.station(house, station).to_string());
        }
        for id in &house.gone {
            said.insert(self.topic(&format!("station/{id}")), String::new());
            said.insert(self.station_config(*id), String::new());
        }
        said
    }

    fn topic(&self, id: &str) -> String {
        format!("{}/{id}", self.settings.topic)
    }

    fn config(&self, kind: &str, id: &str) -> String {
        format!("{}/{kind}/{}/{id}/config", self.settings.discovery, self.node)
    }

    fn station_config(&self, id: DeviceId) -> String {
        self.config("binary_sensor", &format!("station_{}", id.to_string().replace('-', "")))
    }

    fn words(&self, house: &HouseSummary, english: &'static str, german: &'static str) -> &'static str {
        match house.house.language {
            Language::English => english,
            Language::German => german,
        }
    }

    /// What Home Assistant is told of anything.
    fn entity(&self, house: &HouseSummary, id: &str, name: &str) -> Value {
        let version = env!("CARGO_PKG_VERSION");
        json!({
            "name": name,
            "unique_id": format!("{}_{}", self.node, id.replace(['/', '-'], "_")),
            "state_topic": self.topic(id),
            "availability_topic": format!("{}/status", self.settings.topic),
            "device": {
                "identifiers": [self.node],
                "name": house.house.name,
                "manufacturer": "Hearth",
                "model": "Hub",
                "sw_version": version,
                "configuration_url": format!("{}/app/", self.address),
            },
            "origin": { "name": "Hearth", "sw_version": version },
        })
    }

    fn figure(&self, house: &HouseSummary, figure: &Figure) -> Value {
        let mut config = self.entity(house, figure.id, self.words(house, figure.english, figure.german));
        config["icon"] = json!(figure.icon);
        config["state_class"] = json!("measurement");
        config
    }

    fn station(&self, house: &HouseSummary, station: &Device) -> Value {
        let name = match station.place.is_empty() {
            true => station.name.to_string(),
            false => format!("{} ({})", station.name, station.place),
        };
        let mut config = self.entity(house, &format!("station/{}", station.id), &short(&name));
        config["device_class"] = json!("connectivity");
        config["entity_category"] = json!("diagnostic");
        config
    }
}

fn short(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let (mut out, mut bytes) = (String::new(), 0);
    for c in plain {
        bytes += c.len_utf8();
        if bytes > LONGEST {
            break;
        }
        out.push(c);
    }
    out
}
