//! Randomness that a seed gives again: splitmix64.

/// A seeded source.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from `from` up to, and not including, `to`.
    pub fn within(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to - from).unwrap_or(1).max(1);
        from + i64::try_from(self.next() % width).unwrap_or(0)
    }

    /// True so many times in a thousand.
    pub fn permille(&mut self, of_a_thousand: i64) -> bool {
        self.within(0, 1_000) < of_a_thousand
    }

    /// About the middle of the range, as several dice are.
    pub fn dice(&mut self, from: i64, to: i64) -> i64 {
        (self.within(from, to) + self.within(from, to) + self.within(from, to)) / 3
    }

    /// One of these; the earlier ones more often.
    pub fn name(&mut self, of: &'static str) -> &'static str {
        let many = i64::try_from(of.split(' ').count()).unwrap_or(1);
        let at = self.within(0, many).min(self.within(0, many * 3 / 2));
        of.split(' ').nth(usize::try_from(at).unwrap_or(0)).unwrap_or("Maria")
    }
}
