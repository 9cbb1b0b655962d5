/// Throws of a die that are the same for the same seed.
#[derive(Debug)]
pub(super) struct Rng(pub(super) u64);

impl Rng {
    /// One of so many; at least one.
    pub(super) fn throw(&mut self, sides: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let mixed = mixed ^ (mixed >> 31);
        usize::try_from(mixed % u64::try_from(sides).unwrap()).unwrap()
    }

    /// One of the words.
    pub(super) fn one(&mut self, of: &'static str) -> &'static str {
        let words: Vec<_> = of.split_whitespace().collect();
        words[self.throw(words.len())]
    }

    /// One of the lines.
    pub(super) fn line(&mut self, of: &'static str) -> &'static str {
        let lines: Vec<_> = of.lines().collect();
        lines[self.throw(lines.len())]
    }

    pub(super) fn percent(&mut self, odds: usize) -> bool {
        self.throw(100) < odds
    }
}
