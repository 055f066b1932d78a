//! The receipts of the invented household: one that is booked, one that waits to be checked, and one that is none.

use hearth_shared::time::Day;

use crate::db::Tx;
use crate::error::Result;
use crate::kitchen::day_of;
use crate::kitchen::receipts::booking::{self, UnknownItems};
use crate::kitchen::receipts::reader::Read;
use crate::kitchen::receipts::{self, ReceiptId, ReceiptSource, matching, parse};

const BOOKED: &str = "Saluhallen\nBrunnsgatan 3\n\nWhole milk 3.5 %   2 x 1,89   3,78\nButter   2,79\nRye bread   3,40\n\
                      Spaghetti   1,29\nTotal EUR   11,26\nCard   11,26\n";
const UNCHECKED: &str = "Saluhallen\nBrunnsgatan 3\n\nEier, Freiland   3,19\nBananas\n  0,764 kg x 1,99 EUR/kg   1,52\n\
                         Earl Grey 50   4,49\nDiscount   -0,50\nNewspaper   2,80\nDeposit   0,25\nOlive oil   8,99\n\
                         Total EUR   21,74\nCash   25,00\nChange   3,26\n";
const NONE: &str = "for Thursday:\nsomething green\nask Priya about the oven\n";

/// Puts the receipts down, as if they had been sent of late.
pub(super) fn put_down(tx: &mut Tx) -> Result<()> {
    let today = day_of(tx, tx.now())?;
    let booked = read(tx, &dated(BOOKED, today.plus(-2), "18:12"))?;
    booking::confirm(tx, booked, None, UnknownItems::Ignore)?;
    read(tx, NONE)?;
    read(tx, &dated(UNCHECKED, today, "09:41"))?;
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
    use super::*;
    use crate::testing::hub::{Setup, TestHub, run};

    #[test]
    fn the_demo_has_a_receipt_in_each_state() {
        run(async {
            let hub = TestHub::start(Setup { demo: true, ..Setup::default() }).await;
            let page = hub.app().db().read(|tx| receipts::page(tx, None, None, 10)).await.unwrap();
            let states: Vec<_> = page.iter().map(|it| (it.state.to_string(), it.line_count)).collect();
            let expected = [("completed", 7), ("failed", 0), ("confirmed", 4)];
            assert_eq!(states, expected.map(|(state, lines)| (state.to_owned(), lines)));
            let [unchecked, _, booked] = [0, 1, 2].map(|at| page[at].id);
            let lines = hub.app().db().read(move |tx| receipts::lines(tx, booked)).await.unwrap();
            assert!(lines.iter().all(|line| line.lot_id.is_some()), "{lines:#?}");
            let lines = hub.app().db().read(move |tx| receipts::lines(tx, unchecked)).await.unwrap();
            let asking = |line: &&receipts::Line| booking::arriving(line).is_none();
            let asking: Vec<&str> = lines.iter().filter(asking).map(|line| line.wording.as_str()).collect();
            assert_eq!(asking, ["Bananas", "Discount", "Newspaper", "Deposit"], "{lines:#?}");
            let found = hub.app().db().read(crate::kitchen::violations).await.unwrap();
            assert!(found.is_empty(), "{found:#?}");
        });
    }
}
