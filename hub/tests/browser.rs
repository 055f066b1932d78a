//! The web app in a real browser, as a person meets it.
//!
//! Each test starts a hub of its own and opens it in Chromium; where there is none, the tests say so
//! and pass, unless `HEARTH_TEST_REQUIRE` names it. `HEARTH_SCREENSHOTS=folder` keeps pictures.

#[path = "browser/starter.rs"]
mod starter;
#[path = "browser/vendor.rs"]
mod vendor;
