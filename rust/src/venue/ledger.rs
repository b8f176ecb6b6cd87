//! The ledger hash: one number over everything that ever happened, to compare two runs.

use super::account::Holding;
use super::algo::Algo;
use super::event::{Event, Stamped};
use super::grid::Cash;
use super::order::{Fill, Order};

/// FNV-1a with 128 bits, over words of 64 bits: stable over builds and machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ledger(u128);

impl Default for Ledger {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Ledger {
    pub(super) const fn value(self) -> u128 {
        self.0
    }

    fn word(&mut self, word: u64) {
        const PRIME: u128 = (1 << 88) + 0x13b;
        self.0 = (self.0 ^ u128::from(word)).wrapping_mul(PRIME);
    }

    fn number(&mut self, number: i64) {
        self.word(number.cast_unsigned());
    }

    fn cash(&mut self, cash: Cash) {
        let bits = cash.cast_unsigned();
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        let (low, high) = (bits as u64, (bits >> 64) as u64);
        self.word(low);
        self.word(high);
    }

    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        for chunk in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    pub(super) fn absorb(&mut self, stamped: &Stamped) {
        self.number(stamped.ts_ms);
        self.word(stamped.account as u64);
        match &stamped.event {
            // The order update of the same fill says it all.
            Event::TradeLite { fill, .. } => self.word(fill.trade_id),
            Event::Order { execution, order, fill, .. } => {
                self.word(*execution as u64);
                self.order(order);
                if let Some(fill) = fill {
                    self.fill(fill);
                }
            }
            Event::Account { reason, wallet_e8, change_e8, holdings, .. } => {
                self.word(*reason as u64);
                self.cash(*wallet_e8);
                self.cash(*change_e8);
                self.holdings(holdings);
            }
            Event::Algo(algo) => self.algo(algo),
            Event::Leverage { symbol, leverage } => {
                self.word(*symbol as u64);
                self.word(u64::from(*leverage));
            }
            Event::MarginCall { cross_wallet_e8, holdings } => {
                self.cash(*cross_wallet_e8);
                self.holdings(holdings);
            }
        }
    }

    fn order(&mut self, order: &Order) {
        self.word(order.symbol as u64);
        self.word(order.id);
        self.text(&order.client_id);
        self.word(order.status as u64);
        self.number(order.terms.lots);
        self.number(order.terms.price_ticks);
        self.number(order.filled_lots);
        self.cash(order.quote_e8);
    }

    fn fill(&mut self, fill: &Fill) {
        self.word(fill.trade_id);
        self.word(fill.side as u64);
        self.number(fill.lots);
        self.number(fill.price_ticks);
        self.cash(fill.fee_e8);
        self.cash(fill.realized_e8);
    }

    fn algo(&mut self, algo: &Algo) {
        self.word(algo.symbol as u64);
        self.word(algo.id);
        self.text(&algo.client_id);
        self.word(algo.status as u64);
        self.word(algo.order_id);
        self.number(algo.terms.lots);
        self.number(algo.terms.trigger_ticks);
        self.number(algo.child_lots);
    }

    fn holdings(&mut self, holdings: &[Holding]) {
        for holding in holdings {
            self.word(holding.symbol as u64);
            self.word(holding.position_side as u64);
            self.number(holding.position.lots);
            self.cash(holding.position.cost_e8);
            self.cash(holding.position.isolated_e8);
        }
    }
}
