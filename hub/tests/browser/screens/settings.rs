//! The settings, at every size in both themes.

use hearth_hub::testing::browser::Key;
use serde_json::json;

use super::Tour;
use crate::house::{House, visit};
use crate::kitchen::{stocked, tell};
use crate::offline::{lose, regain, visited_once};
use crate::settings::{label, labels, set};

#[test]
fn in_the_settings() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let mut tour = Tour::new("settings", &ida);
    visit(&ida, "/app/settings");
    tour.look("all");
    for empty in ["categories", "units", "shop-labels"] {
        set(&ida, empty);
        tour.look(&format!("{empty}-empty"));
    }
    stocked(&ida);
    for (path, body) in [
        ("/api/categories", json!({ "name": "Dairy" })),
        ("/api/categories", json!({ "name": "Bread and whatever else comes warm out of an oven" })),
        ("/api/units", json!({ "name": "Mug", "unit": "ml", "quantity": 300 })),
        ("/api/units", json!({ "name": "Slice", "unit": "g", "quantity": 500, "per": 12 })),
    ] {
        tell(&ida, "POST", path, &body);
    }
    set(&ida, "places");
    ida.sees("1 product");
    ida.click("#add-thing");
    ida.fill("#field-name", "Fridge");
    ida.click("#edit-new [type=submit]");
    ida.sees("There is a place of this name already.");
    ida.click_on("More about Fridge");
    ida.click_on("Change");
    ida.finds("[id^='field-name-']");
    tour.look("places");
    ida.click_on("More about Pantry");
    ida.click_on("Remove");
    ida.click("dialog[open] .button.danger");
    ida.sees("Pantry is not empty");
    tour.look("refused");
    ida.press(Key::Escape);
    set(&ida, "categories");
    tour.look("categories");
    set(&ida, "units");
    ida.click_on("More about Mug");
    ida.click_on("Change");
    ida.click_on("Units that everybody knows");
    tour.look("units");
    set(&ida, "warning");
    tour.look("warning");
    set(&ida, "shop-labels");
    labels(&ida, "Farm shop", [("271234501234", "1.234"), ("271234512345", "12.345")]);
    ida.click_on("Learn");
    ida.sees("Begins with 27");
    ida.fill("#field-code", &label("271234500875"));
    ida.press(Key::Enter);
    ida.sees("0.875 kg");
    labels(&ida, "Butcher", [("280000001234", "1.234"), ("280000005678", "5.678")]);
    ida.click_on("Learn");
    ida.sees("more than one way");
    tour.look("shop-labels");
    set(&ida, "allergens");
    ida.click_on("Change what Ida must not eat");
    tour.look("allergens-changing");
    ida.click_on("Milk");
    ida.click("[data-thing] [type=submit]");
    ida.finds(".chip");
    tour.look("allergens");
    tour.end();
}

#[test]
fn in_german_settings() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    visit(&ida, "/app/you");
    ida.click_on("Deutsch");
    ida.until("document.documentElement.lang === 'de'");
    let mut tour = Tour::new("german-settings", &ida);
    visit(&ida, "/app/settings");
    tour.look("all");
    set(&ida, "shop-labels");
    labels(&ida, "Hofladen", [("271234501234", "1,234"), ("271234512345", "12,345")]);
    ida.click_on("Lernen");
    ida.sees("Beginnt mit 27");
    tour.look("shop-labels");
    set(&ida, "places");
    ida.sees("üblicher Platz");
    lose(&cable, &ida);
    ida.sees("So stand es");
    tour.look("places-offline");
    regain(&cable, &ida);
    // What only the house knows of a field is told in German as well.
    ida.click("#add-thing");
    ida.fill("#field-name", "Das Brett in der Kammer hinter dem großen Korb mit den Kartoffeln");
    ida.click("#edit-new [type=submit]");
    ida.sees("Das ist zu lang");
    tour.look("place-too-long");
    tour.end();
}
