//! Scanning before a camera, at every size in both themes.

use hearth_hub::testing::browser::{self, Camera};
use hearth_hub::testing::film::Film;

use super::Tour;
use crate::camera::{kitchen, matrix, switch_on, two_packs};
use crate::house::{PASSWORD, at_home, invitation, join, sign_in, visit};
use crate::scanning::{NOBODY_KNOWS, asks_which, type_code};

#[test]
fn before_the_camera() {
    let film = Film::new().lies(&matrix(), 20);
    let Some((house, ida)) = kitchen(film) else { return };
    let mut tour = Tour::new("scan", &ida);
    visit(&ida, "/app/scan");
    ida.sees("Ready to scan");
    tour.look("ready");
    switch_on(&ida);
    ida.sees("Coffee");
    tour.look("booked");
    ida.click_on("Camera off");
    asks_which(&ida);
    tour.look("which");
    type_code(&ida, NOBODY_KNOWS);
    ida.sees("Jam");
    type_code(&ida, "5012345678900");
    ida.sees("What is this?");
    tour.look("unknown");
    let invited = invitation(&ida);
    tour.end();

    let film = Film::new().shows(&two_packs(), 20).file();
    let Some(jonas) = browser::open_with(Camera::Shows(&film)) else { return };
    join(&jonas, &invited, "Jonas");
    visit(&jonas, "/app/you");
    jonas.click_on("Deutsch");
    jonas.until("document.documentElement.lang === 'de'");
    let mut tour = Tour::new("scan-two", &jonas);
    visit(&jonas, "/app/scan");
    jonas.click_on("Kamera einschalten");
    jonas.sees("Mehrere Codes sind im Bild.");
    tour.look("several-in-german");
    tour.end();

    let Some(maria) = browser::open_with(Camera::Refused) else { return };
    maria.go(&house.url("/app/"));
    sign_in(&maria, "Ida", PASSWORD);
    at_home(&maria);
    let mut tour = Tour::new("scan-refused", &maria);
    visit(&maria, "/app/scan");
    maria.click_on("Switch the camera on");
    maria.sees("was told not to give its camera");
    tour.look("refused");
    tour.end();
}
