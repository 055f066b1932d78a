//! Names for scans, and randomness for waits: a generator that is seeded once, at the start.

use hearth_shared::id::Id;
use hearth_shared::scanning::ScanId;
use hearth_shared::time::Timestamp;

/// Nothing here is a secret; ids have to differ from those of every other start and station, which the seed and
/// the time see to.
#[derive(Debug, Clone)]
pub(super) struct Namer {
    state: u64,
    count: u16,
}

impl Namer {
    pub(super) fn new(seed: u64) -> Namer {
        Namer { state: seed, count: 0 }
    }

    pub(super) fn scan(&mut self, wall: i64) -> ScanId {
        self.count = self.count.wrapping_add(1);
        let random = self.draw().to_be_bytes();
        ScanId(Id::v7(Timestamp::from_millis(wall), self.count, random))
    }

    /// A number below `limit`, which is not zero.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.draw()) * u128::from(limit)) >> 64) as u64
    }

    /// SplitMix64.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
