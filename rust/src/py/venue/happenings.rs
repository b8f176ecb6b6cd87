//! What happens at the venue by itself or by its operator: time, prices, funding, liquidation.

use pyo3::prelude::*;

use super::class::Venue;
use super::records::{VenueAlgo, VenueOrder};
use super::words::Whole;
use crate::venue::names::PositionSide;

#[pymethods]
impl Venue {
    #[pyo3(signature = (now_ms, /))]
    fn advance(&self, py: Python<'_>, now_ms: i64) -> PyResult<()> {
        Ok(self.hold(py).advance(now_ms)?)
    }

    fn next_due_ms(&self, py: Python<'_>) -> Option<i64> {
        self.hold(py).next_due_ms()
    }

    #[pyo3(signature = (symbol, price_ticks, lots, buyer_is_maker=false, /))]
    fn trade(
        &self,
        py: Python<'_>,
        symbol: &str,
        price_ticks: Whole,
        lots: Whole,
        buyer_is_maker: bool,
    ) -> PyResult<u64> {
        Ok(self.hold(py).trade(symbol, price_ticks.0, lots.0, buyer_is_maker)?)
    }

    #[pyo3(signature = (symbol, mark_e8, /, *, index_e8=None))]
    fn mark(&self, py: Python<'_>, symbol: &str, mark_e8: Whole, index_e8: Option<Whole>) -> PyResult<()> {
        Ok(self.hold(py).mark(symbol, mark_e8.0, index_e8.map(|index| index.0))?)
    }

    #[pyo3(signature = (symbol, rate_e8, next_funding_ms, /))]
    fn schedule_funding(
        &self,
        py: Python<'_>,
        symbol: &str,
        rate_e8: i64,
        next_funding_ms: i64,
    ) -> PyResult<()> {
        Ok(self.hold(py).schedule_funding(symbol, rate_e8, next_funding_ms)?)
    }

    #[pyo3(signature = (symbol, rate_e8, /))]
    fn funding(&self, py: Python<'_>, symbol: &str, rate_e8: i64) -> PyResult<()> {
        Ok(self.hold(py).funding(symbol, rate_e8)?)
    }

    #[pyo3(signature = (account, symbol, position_side, lots, /))]
    fn adl(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        position_side: PositionSide,
        lots: Whole,
    ) -> PyResult<VenueOrder> {
        Ok(self.hold(py).adl(account.index(), symbol, position_side, lots.0)?.into())
    }

    #[pyo3(signature = (account, symbol, position_side, /))]
    fn liquidate(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        position_side: PositionSide,
    ) -> PyResult<Option<VenueOrder>> {
        Ok(self.hold(py).liquidate(account.index(), symbol, position_side)?.map(Into::into))
    }

    #[pyo3(signature = (symbol, price_ticks, /))]
    fn settle(&self, py: Python<'_>, symbol: &str, price_ticks: Whole) -> PyResult<()> {
        Ok(self.hold(py).settle(symbol, price_ticks.0)?)
    }

    #[pyo3(signature = (account, order_id, /))]
    fn expire_order(&self, py: Python<'_>, account: Whole, order_id: Whole) -> PyResult<VenueOrder> {
        Ok(self.hold(py).expire_order(account.index(), order_id.id())?.into())
    }

    #[pyo3(signature = (account, algo_id, reason="", /))]
    fn expire_algo(
        &self,
        py: Python<'_>,
        account: Whole,
        algo_id: Whole,
        reason: &str,
    ) -> PyResult<VenueAlgo> {
        Ok(self.hold(py).expire_algo(account.index(), algo_id.id(), reason)?.into())
    }

    #[pyo3(signature = (account, algo_id, reason, /))]
    fn reject_at_trigger(
        &self,
        py: Python<'_>,
        account: Whole,
        algo_id: Whole,
        reason: &str,
    ) -> PyResult<VenueAlgo> {
        Ok(self.hold(py).reject_at_trigger(account.index(), algo_id.id(), reason)?.into())
    }
}
