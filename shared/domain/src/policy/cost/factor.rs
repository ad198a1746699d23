//! Fractions of whole numbers, so that a price times 1.67 is what was published and not what a float makes of it.

/// A part of a price, or a multiple of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Factor {
    over: u64,
    under: u64,
}

impl Factor {
    pub(super) const ONE: Self = Self::of(1, 1);

    pub(super) const fn of(over: u64, under: u64) -> Self {
        Self { over, under }
    }

    /// One after the other. The factors of the list are small; a product of a few of them fits by far.
    pub(super) const fn and(self, other: Self) -> Self {
        Self::of(self.over.saturating_mul(other.over), self.under.saturating_mul(other.under))
    }

    pub(super) const fn is_more_than(self, other: Self) -> bool {
        self.over.saturating_mul(other.under) > other.over.saturating_mul(self.under)
    }

    /// The product, rounded up where it is no whole number. Prices of the list never are.
    pub(super) const fn times(self, amount: u128) -> u128 {
        amount.saturating_mul(self.over as u128).div_ceil(self.under as u128)
    }
}
