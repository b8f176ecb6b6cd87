//! Reads orders, trades, positions, prices and what happened.

use pyo3::prelude::*;

use super::args::{self, ALGO, ORDER};
use super::class::{Venue, all};
use super::events::AnyEvent;
use super::records::{
    VenueAlgo, VenueBalance, VenueFill, VenueHolding, VenueIncome, VenueOrder, VenuePrices,
};
use super::words::Whole;
use crate::venue::query::Levels;

#[pymethods]
impl Venue {
    #[pyo3(signature = (account, symbol, *, order_id=None, client_id=None))]
    fn order(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        order_id: Option<Whole>,
        client_id: Option<&str>,
    ) -> PyResult<VenueOrder> {
        let handle = args::handle(order_id, client_id, ORDER)?;
        Ok(self.hold(py).order(account.index(), symbol, handle)?.into())
    }

    #[pyo3(signature = (account, symbol=None, /))]
    fn open_orders(&self, py: Python<'_>, account: Whole, symbol: Option<&str>) -> PyResult<Vec<VenueOrder>> {
        Ok(all(self.hold(py).open_orders(account.index(), symbol)?))
    }

    #[pyo3(signature = (account, symbol, /, *, from_order_id=Whole(0), limit=Whole(500)),
        text_signature = "($self, account, symbol, /, *, from_order_id=0, limit=500)")]
    fn all_orders(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        from_order_id: Whole,
        limit: Whole,
    ) -> PyResult<Vec<VenueOrder>> {
        let (from, limit) = (from_order_id.id(), limit.index());
        Ok(all(self.hold(py).all_orders(account.index(), symbol, from, limit)?))
    }

    #[pyo3(signature = (account, *, algo_id=None, client_id=None))]
    fn algo(
        &self,
        py: Python<'_>,
        account: Whole,
        algo_id: Option<Whole>,
        client_id: Option<&str>,
    ) -> PyResult<VenueAlgo> {
        let handle = args::handle(algo_id, client_id, ALGO)?;
        Ok(self.hold(py).algo(account.index(), handle)?.into())
    }

    #[pyo3(signature = (account, symbol=None, /))]
    fn open_algos(&self, py: Python<'_>, account: Whole, symbol: Option<&str>) -> PyResult<Vec<VenueAlgo>> {
        Ok(all(self.hold(py).open_algos(account.index(), symbol)?))
    }

    #[pyo3(signature = (account, symbol, /, *, from_algo_id=Whole(0), limit=Whole(500)),
        text_signature = "($self, account, symbol, /, *, from_algo_id=0, limit=500)")]
    fn all_algos(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        from_algo_id: Whole,
        limit: Whole,
    ) -> PyResult<Vec<VenueAlgo>> {
        let (from, limit) = (from_algo_id.id(), limit.index());
        Ok(all(self.hold(py).all_algos(account.index(), symbol, from, limit)?))
    }

    #[pyo3(signature = (account, symbol, /, *, from_trade_id=Whole(0), limit=Whole(500)),
        text_signature = "($self, account, symbol, /, *, from_trade_id=0, limit=500)")]
    fn fills(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        from_trade_id: Whole,
        limit: Whole,
    ) -> PyResult<Vec<VenueFill>> {
        let (from, limit) = (from_trade_id.id(), limit.index());
        Ok(all(self.hold(py).fills(account.index(), symbol, from, limit)?))
    }

    #[pyo3(signature = (account, /, *, from_income_id=Whole(0), limit=Whole(1000)),
        text_signature = "($self, account, /, *, from_income_id=0, limit=1000)")]
    fn incomes(
        &self,
        py: Python<'_>,
        account: Whole,
        from_income_id: Whole,
        limit: Whole,
    ) -> PyResult<Vec<VenueIncome>> {
        Ok(all(self.hold(py).incomes(account.index(), from_income_id.id(), limit.index())?))
    }

    #[pyo3(signature = (account, symbol=None, /))]
    fn holdings(&self, py: Python<'_>, account: Whole, symbol: Option<&str>) -> PyResult<Vec<VenueHolding>> {
        Ok(all(self.hold(py).holdings(account.index(), symbol)?))
    }

    #[pyo3(signature = (account, /))]
    fn balance(&self, py: Python<'_>, account: Whole) -> PyResult<VenueBalance> {
        Ok(VenueBalance::new(account.index(), self.hold(py).balance(account.index())?))
    }

    #[pyo3(signature = (symbol, /))]
    fn prices(&self, py: Python<'_>, symbol: &str) -> PyResult<VenuePrices> {
        Ok(self.hold(py).market(symbol)?.into())
    }

    #[pyo3(signature = (symbol, /, limit=Whole(20)),
        text_signature = "($self, symbol, /, limit=20)")]
    fn book(&self, py: Python<'_>, symbol: &str, limit: Whole) -> PyResult<(Levels, Levels)> {
        Ok(self.hold(py).book_levels(symbol, limit.index())?)
    }

    fn now_ms(&self, py: Python<'_>) -> i64 {
        self.hold(py).now_ms()
    }

    fn drain(&self, py: Python<'_>) -> Vec<AnyEvent> {
        let mut core = self.hold(py);
        let events = core.drain();
        events.into_iter().map(|event| AnyEvent::new(event, |symbol| core.symbol_name(symbol))).collect()
    }

    fn ledger_hash(&self, py: Python<'_>) -> String {
        format!("{:032x}", self.hold(py).ledger_hash())
    }
}
