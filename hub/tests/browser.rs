//! The web app in a real browser, as a person meets it.
//!
//! Each test starts a hub of its own and opens it in Chromium; where there is none, the tests say so
//! and pass, unless `HEARTH_TEST_REQUIRE` names it. `HEARTH_SCREENSHOTS=folder` keeps a picture of each
//! screen at each size in both themes, and `index.html` that shows them all.

#[path = "browser/camera.rs"]
mod camera;
#[path = "browser/counting.rs"]
mod counting;
#[path = "browser/devices.rs"]
mod devices;
#[path = "browser/doors.rs"]
mod doors;
#[path = "browser/house.rs"]
mod house;
#[path = "browser/keyboard.rs"]
mod keyboard;
#[path = "browser/kitchen.rs"]
mod kitchen;
#[path = "browser/live.rs"]
mod live;
#[path = "browser/offline.rs"]
mod offline;
#[path = "browser/outside.rs"]
mod outside;
#[path = "browser/reach.rs"]
mod reach;
#[path = "browser/receipts.rs"]
mod receipts;
#[path = "browser/scanning.rs"]
mod scanning;
#[path = "browser/screens.rs"]
mod screens;
#[path = "browser/settings.rs"]
mod settings;
#[path = "browser/shopping.rs"]
mod shopping;
#[path = "browser/speed.rs"]
mod speed;
#[path = "browser/starter.rs"]
mod starter;
#[path = "browser/stations.rs"]
mod stations;
#[path = "browser/traffic.rs"]
mod traffic;
#[path = "browser/vendor.rs"]
mod vendor;
#[path = "browser/work.rs"]
mod work;
