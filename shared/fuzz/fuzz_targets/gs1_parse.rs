//! Whatever a scanner sends: it is read without a panic, and every view of the result can be asked for.
#![no_main]

use hearth_shared::gs1::{Context, Date, Region, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let today = Date::new(2026, 11, 20).expect("a day");
    let regions = [None, Region::of("DE"), Region::of("SE"), Region::of("DK"), Region::of("GB")];
    let region = regions[data.first().map_or(0, |byte| usize::from(*byte)) % regions.len()];
    let scan = parse(data, &Context { region, ..Context::on(today) });
    scan.look_at_everything();
    scan.other_readings().for_each(|other| other.look_at_everything());
});

/// Asks for all that can be asked of a scan.
trait LookAtEverything {
    fn look_at_everything(&self);
}

impl LookAtEverything for hearth_shared::gs1::Scan<'_> {
    fn look_at_everything(&self) {
        for element in self.elements() {
            let problem = element.problem();
            assert!(problem.is_none_or(|problem| problem.at <= self.raw().len()));
            assert!(element.value().len() <= hearth_shared::gs1::MAX_VALUE);
        }
        assert!(self.error().is_none_or(|problem| problem.at <= self.raw().len()));
        let _ = (self.gtin(), self.content(), self.batch(), self.serial(), self.sscc(), self.expiry());
        let _ = (self.production_date(), self.packing_date(), self.measure(), self.price());
        let _ = (self.amount_payable(), self.unit_price(), self.in_store(), self.command(), self.payload());
        let _ = (self.origins().count(), self.warnings().count(), format!("{self:?}"));
    }
}
