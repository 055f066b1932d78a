//! The receipts of the invented household: one of each shopping, all booked, and two that came in lately: one that waits
//! to be checked and one that is none.

use hearth_shared::scanning::Mode;
use hearth_shared::time::Day;

use crate::db::Tx;
use crate::error::Result;
use crate::kitchen::day_of;
use crate::kitchen::receipts::booking::{self, SamePaper, UnknownItems};
use crate::kitchen::receipts::editing::{self, LineChange};
use crate::kitchen::receipts::reader::Read;
use crate::kitchen::receipts::{self, ReceiptId, ReceiptSource, matching, parse};

use super::habits::{self, Dice, Shop};
use super::larder;
use super::past::{Household, Scanner};
use super::plan::{Bought, Paper, Step, When};

const UNCHECKED: &str = "Saluhallen\nBrunnsgatan 3\n\nEier, Freiland   3,19\nBananas\n  0,764 kg x 1,99 EUR/kg   1,52\n\
                         Earl Grey 50   4,49\nDiscount   -0,50\nNewspaper   2,80\nDeposit   0,25\nOlive oil   8,99\n\
                         Total EUR   21,74\nCash   25,00\nChange   3,26\n";
const NONE: &str = "for Thursday:\nsomething green\nask Priya about the oven\n";

/// How much is put away with a scanner before the receipt is looked at, of one shopping: so many things, of which few
/// came.
const SCANNED: usize = 4;
const FEW: i64 = 2;

/// Sends what came in lately.
pub(super) fn send(tx: &mut Tx, house: &Household, step: &Step, paper: Paper) -> Result<()> {
    let at = house.moment(step.when);
    house.as_person(tx, step.who, at);
    match paper {
        Paper::NoReceipt => read(tx, NONE)?,
        Paper::Unchecked => {
            let today = day_of(tx, at)?;
            read(tx, &dated(UNCHECKED, today, "09:41"))?
        }
    };
    Ok(())
}

/// Comes home from a shop: some of it is scanned in, then the receipt is sent, looked through and confirmed.
pub(super) fn shop(tx: &mut Tx, house: &mut Household, step: &Step, goods: &[Bought]) -> Result<()> {
    let When::Day { ago, minute } = step.when else { return Ok(()) };
    let Some(shop) = Shop::visited(ago) else { return Ok(()) };
    let bought_at = house.moment(step.when);
    let day = house.present.today.plus(-ago);
    let paper = printed(house, shop, ago, goods);
    let is_scanned =
        |it: &&Bought| it.due.is_none() && it.packs <= FEW && !house.kept(it.thing).0.brand.is_empty();
    let scanned: Vec<&Bought> = goods.iter().filter(is_scanned).take(SCANNED).collect();
    let mut at = bought_at.plus_seconds(13 * 60);
    for bought in scanned {
        for _ in 0..bought.packs {
            at = at.plus_seconds(7);
            house.scan(tx, Scanner::Kitchen, (step.who, at), Mode::Add, &larder::code(bought.thing))?;
        }
    }
    house.as_person(tx, step.who, bought_at.plus_seconds(28 * 60));
    let time = format!("{:02}:{:02}", minute / 60, minute % 60);
    let id = read(tx, &dated(&paper, day, &time))?;
    write_dates(tx, house, id, goods)?;
    booking::confirm(tx, id, None, UnknownItems::Ignore, SamePaper::Refuse)
}

/// What a shop prints of a basket.
fn printed(house: &Household, shop: &Shop, ago: i64, goods: &[Bought]) -> String {
    let (mut paper, mut total) = (format!("{}\n\n", shop.head), 0);
    for bought in goods {
        let kept = &house.kept(bought.thing).0;
        let Some(habit) = habits::of(kept.name) else { continue };
        let price = shop.price(bought.thing, &habit, ago);
        let all = price * bought.packs;
        total += all;
        let count =
            if bought.packs == 1 { String::new() } else { format!("{} x {}   ", bought.packs, money(price)) };
        paper.push_str(&format!("{}   {count}{}\n", kept.name, money(all)));
        let mut luck = Dice::of(&[ago, i64::try_from(bought.thing).unwrap_or(0), 3]);
        if all > 400 && luck.up_to(9) == 0 {
            paper.push_str("Discount   -0,50\n");
            total -= 50;
        }
    }
    paper.push_str(&format!("Total EUR   {}\nCard   {}\n", money(total), money(total)));
    paper
}

fn money(cents: i64) -> String {
    format!("{},{:02}", cents / 100, cents % 100)
}

/// Writes the dates down that somebody read from the packs.
fn write_dates(tx: &mut Tx, house: &Household, id: ReceiptId, goods: &[Bought]) -> Result<()> {
    for line in receipts::lines(tx, id)? {
        let of = |it: &&Bought| line.product_id == Some(house.kept(it.thing).1.id);
        let Some(due) = goods.iter().find(of).and_then(|it| it.due) else { continue };
        let due_on = Some(Some(house.present.today.plus(due)));
        let version = receipts::get(tx, id)?.version;
        editing::change_line(tx, id, line.id, version, &LineChange { due_on, ..LineChange::default() })?;
    }
    Ok(())
}

/// A paper with its day and its time at the end.
fn dated(paper: &str, day: Day, time: &str) -> String {
    format!("{paper}{:02}.{:02}.{} {time}\n", day.day(), day.month(), day.year())
}

/// Takes a text in and reads it at once, as the work in the background would.
fn read(tx: &mut Tx, text: &str) -> Result<ReceiptId> {
    let id = receipts::take_in(tx, ReceiptSource::Text, None, text)?;
    let read = Read { text: text.to_owned(), reader: "" };
    match parse::parse(text) {
        Ok(paper) => {
            let day = paper.day.as_ref().and_then(|day| day.parse().ok());
            let bought_at = booking::bought_at(tx, day, paper.time.as_deref(), tx.now())?;
            let shop = paper.shop.as_deref().unwrap_or_default();
            let known = matching::gather(tx, shop, &paper.lines, booking::trip(bought_at))?;
            receipts::complete(tx, id, &read, &paper, &matching::decide(&paper.lines, &known))?;
        }
        Err(why) => {
            let (code, detail) = receipts::refusal(why);
            receipts::fail(tx, id, code, detail, Some(&read))?;
        }
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::house::demo::habits::SHOPS;
    use crate::testing::hub::{Setup, TestHub, run};

    #[test]
    fn the_demo_has_a_receipt_in_each_state_and_one_of_each_shopping() {
        run(async {
            let hub = TestHub::start(Setup { demo: true, rehearse: false, ..Setup::default() }).await;
            let page = hub.app().db().read(|tx| receipts::page(tx, None, None, 50)).await.unwrap();
            let states: Vec<String> = page.iter().map(|it| it.state.to_string()).collect();
            assert_eq!(states[..3], ["completed", "failed", "confirmed"]);
            assert!(states[3..].iter().all(|state| state == "confirmed"), "{states:?}");
            assert!((15..40).contains(&page.len()), "{}", page.len());
            let shops: BTreeSet<&str> = page[2..].iter().map(|it| it.shop.as_str()).collect();
            let expected: BTreeSet<&str> = SHOPS.iter().filter_map(|shop| shop.head.lines().next()).collect();
            assert_eq!(shops, expected);
            for booked in &page[2..] {
                let id = booked.id;
                let lines = hub.app().db().read(move |tx| receipts::lines(tx, id)).await.unwrap();
                let items = lines.iter().filter(|line| line.kind == parse::LineKind::Item);
                assert!(items.clone().all(|line| line.lot_id.is_some()), "{lines:#?}");
                assert_eq!(booked.total, Some(booked.lines_total), "{lines:#?}");
            }
            let unchecked = page[0].id;
            let lines = hub.app().db().read(move |tx| receipts::lines(tx, unchecked)).await.unwrap();
            let asking = |line: &&receipts::Line| booking::arriving(line).is_none();
            let asking: Vec<&str> = lines.iter().filter(asking).map(|line| line.wording.as_str()).collect();
            assert_eq!(asking, ["Bananas", "Discount", "Newspaper", "Deposit"], "{lines:#?}");
        });
    }
}
