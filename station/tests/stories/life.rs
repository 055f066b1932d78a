//! The life of a station, by chance.

use super::world::World;

/// Draws numbers; the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

/// One life of a station, by chance: what was safe is checked at its end. How many scans it had, and how often
/// the link and the power failed it.
pub(crate) fn live(mut world: World, seed: u64, words: usize) -> (World, (usize, usize, usize)) {
    const SCANS: [&str; 8] = [
        "scan:4006381333931",
        "scan2:96385074",
        "both:]d20109501101530003172801011012aB␝21x&12345678",
        "card:quantity=3",
        "card:mode=add",
        "card:undo",
        "button:short",
        "button:long",
    ];
    const NETS: [&str; 9] = [
        "net:up",
        "net:up",
        "net:up",
        "net:down",
        "net:deaf",
        "net:busy",
        "net:twice",
        "net:late",
        "hub:most=3",
    ];
    const WAITS: [&str; 6] = ["wait:1ms", "wait:7ms", "wait:90ms", "wait:1s", "wait:20s", "wait:7min"];
    const CLOCKS: [&str; 4] = ["clock:right", "clock:-4000", "clock:90", "clock:-1"];
    let mut dice = Dice(seed);
    world.boot();
    world.word("plug:2,de");
    let (mut faults, mut cuts) = (0, 0);
    for _ in 0..words {
        let word = match dice.below(100) {
            0..60 => dice.one(&SCANS),
            60..72 => dice.one(&NETS),
            72..94 => dice.one(&WAITS),
            94..96 => dice.one(&CLOCKS),
            96 => "live",
            97 => dice.one(&["queue:stall", "queue:go"]),
            _ => {
                cuts += 1;
                world.cut_after(dice.below(30));
                "wait:1ms"
            }
        };
        faults += usize::from(word.starts_with("net:") && word != "net:up");
        world.word(word);
        if !world.is_on() {
            world.word("wait:3s");
            world.boot();
        }
    }
    world.settle();
    let lived = (world.safe.len(), faults, cuts);
    (world, lived)
}
