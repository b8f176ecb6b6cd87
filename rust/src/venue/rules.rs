//! Rules of the exchange that are not known for certain. Each default is the more probable one.

/// How far a closePosition order excludes another (-4130).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Singleton {
    /// A stop and a take-profit may stand side by side.
    PerTypeAndSide,
    /// Only one of either.
    PerSide,
}

/// What happens to a reduce-only stop that is larger than the position when it triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oversized {
    /// Its child has the size of the position.
    Truncate,
    /// It is REJECTED.
    Reject,
}

/// What happens to a protected order whose price is met while last and mark price are too far apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protected {
    /// It stays, and triggers at the first price that is close enough.
    Wait,
    /// It expires.
    Expire,
}

/// The variants that the venue plays.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VenueRules {
    /// See [`Singleton`].
    pub close_position_singleton: Singleton,
    /// See [`Oversized`].
    pub oversized_reduce_only_stop: Oversized,
    /// Whether the client id of a final order may be used again.
    pub client_id_reuse_after_final: bool,
    /// Whether a closePosition order is accepted while there is nothing to close.
    pub close_position_before_position: bool,
    /// Whether the countdown cancels algo orders as well.
    pub countdown_cancels_algo: bool,
    /// Whether resting reduce-only orders use up the position (-4118).
    pub reduce_only_budget: bool,
    /// Whether closePosition orders expire when the position closes.
    pub gte_expires_with_position: bool,
    /// Whether resting reduce-only orders and reduce-only algo orders expire when the position closes.
    pub expire_reduce_only_with_position: bool,
    /// See [`Protected`].
    pub price_protect_violation: Protected,
    /// From the trigger price being met to the child order.
    pub trigger_latency_ms: i64,
    /// Final orders, fills and incomes kept for each account.
    pub history: usize,
}

impl Default for VenueRules {
    fn default() -> Self {
        Self {
            close_position_singleton: Singleton::PerTypeAndSide,
            oversized_reduce_only_stop: Oversized::Truncate,
            client_id_reuse_after_final: true,
            close_position_before_position: true,
            countdown_cancels_algo: true,
            reduce_only_budget: true,
            gte_expires_with_position: true,
            expire_reduce_only_with_position: false,
            price_protect_violation: Protected::Wait,
            trigger_latency_ms: 0,
            history: 100_000,
        }
    }
}
