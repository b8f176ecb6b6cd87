//! Places, checks, amends and cancels orders and conditional orders.

#![expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]

use pyo3::prelude::*;

use super::args::{self, ALGO, ORDER};
use super::class::{Venue, all};
use super::records::{VenueAlgo, VenueOrder};
use super::words::{Id, Whole};
use crate::venue::algo::NewAlgo;
use crate::venue::names::{
    OrderSide, OrderType, PositionSide, PriceMatch, StpMode, TimeInForce, WorkingType,
};
use crate::venue::order::NewOrder;
use crate::venue::orders::Amendment;

const NONE: PriceMatch = PriceMatch::None;
const NO_STP: StpMode = StpMode::None;

#[pymethods]
impl Venue {
    #[pyo3(signature = (account, symbol, side, order_type, lots, price_ticks=Whole(0), *,
        time_in_force=TimeInForce::Gtc, position_side=PositionSide::Both, reduce_only=false,
        client_id=None, good_till_ms=Whole(0), price_match=NONE, stp_mode=NO_STP),
        text_signature = "($self, account, symbol, side, order_type, lots, price_ticks=0, *, \
            time_in_force='GTC', position_side='BOTH', reduce_only=False, client_id=None, \
            good_till_ms=0, price_match='NONE', stp_mode='NONE')")]
    fn place(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        side: OrderSide,
        order_type: OrderType,
        lots: Whole,
        price_ticks: Whole,
        time_in_force: TimeInForce,
        position_side: PositionSide,
        reduce_only: bool,
        client_id: Option<Id>,
        good_till_ms: Whole,
        price_match: PriceMatch,
        stp_mode: StpMode,
    ) -> PyResult<VenueOrder> {
        let terms = NewOrder {
            side,
            position_side,
            order_type,
            lots: lots.0,
            price_ticks: price_ticks.0,
            time_in_force,
            reduce_only,
            client_id: client_id.map(|id| id.0),
            good_till_ms: good_till_ms.0,
            price_match,
            stp_mode,
        };
        Ok(self.hold(py).place(account.index(), symbol, &terms)?.into())
    }

    #[pyo3(signature = (account, symbol, side, order_type, lots, price_ticks=Whole(0), *,
        time_in_force=TimeInForce::Gtc, position_side=PositionSide::Both, reduce_only=false,
        client_id=None, good_till_ms=Whole(0), price_match=NONE, stp_mode=NO_STP),
        text_signature = "($self, account, symbol, side, order_type, lots, price_ticks=0, *, \
            time_in_force='GTC', position_side='BOTH', reduce_only=False, client_id=None, \
            good_till_ms=0, price_match='NONE', stp_mode='NONE')")]
    fn check(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        side: OrderSide,
        order_type: OrderType,
        lots: Whole,
        price_ticks: Whole,
        time_in_force: TimeInForce,
        position_side: PositionSide,
        reduce_only: bool,
        client_id: Option<Id>,
        good_till_ms: Whole,
        price_match: PriceMatch,
        stp_mode: StpMode,
    ) -> PyResult<()> {
        let terms = NewOrder {
            side,
            position_side,
            order_type,
            lots: lots.0,
            price_ticks: price_ticks.0,
            time_in_force,
            reduce_only,
            client_id: client_id.map(|id| id.0),
            good_till_ms: good_till_ms.0,
            price_match,
            stp_mode,
        };
        self.hold(py).check(account.index(), symbol, &terms)?;
        Ok(())
    }

    #[pyo3(signature = (account, symbol, side, lots, price_ticks, *, order_id=None, client_id=None,
        price_match=NONE),
        text_signature = "($self, account, symbol, side, lots, price_ticks, *, order_id=None, client_id=None, \
            price_match='NONE')")]
    fn amend(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        side: OrderSide,
        lots: Whole,
        price_ticks: Whole,
        order_id: Option<Whole>,
        client_id: Option<&str>,
        price_match: PriceMatch,
    ) -> PyResult<VenueOrder> {
        let handle = args::handle(order_id, client_id, ORDER)?;
        let wish = Amendment { side, lots: lots.0, price_ticks: price_ticks.0, price_match };
        Ok(self.hold(py).amend(account.index(), symbol, handle, wish)?.into())
    }

    #[pyo3(signature = (account, symbol, *, order_id=None, client_id=None))]
    fn cancel(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        order_id: Option<Whole>,
        client_id: Option<&str>,
    ) -> PyResult<VenueOrder> {
        let handle = args::handle(order_id, client_id, ORDER)?;
        Ok(self.hold(py).cancel(account.index(), symbol, handle)?.into())
    }

    #[pyo3(signature = (account, symbol, /))]
    fn cancel_all(&self, py: Python<'_>, account: Whole, symbol: &str) -> PyResult<Vec<VenueOrder>> {
        Ok(all(self.hold(py).cancel_all(account.index(), symbol)?))
    }

    #[pyo3(signature = (account, symbol, countdown_ms, /))]
    fn countdown_cancel_all(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        countdown_ms: Whole,
    ) -> PyResult<()> {
        Ok(self.hold(py).countdown_cancel_all(account.index(), symbol, countdown_ms.0)?)
    }

    #[pyo3(signature = (account, symbol, side, order_type, *, lots=Whole(0), price_ticks=Whole(0),
        trigger_ticks=Whole(0), activation_ticks=Whole(0), callback_ppm=Whole(0),
        time_in_force=TimeInForce::Gtc, position_side=PositionSide::Both,
        working_type=WorkingType::ContractPrice, price_protect=false, close_position=false,
        reduce_only=false, client_id=None, good_till_ms=Whole(0), price_match=NONE, stp_mode=NO_STP),
        text_signature = "($self, account, symbol, side, order_type, *, lots=0, price_ticks=0, \
            trigger_ticks=0, activation_ticks=0, callback_ppm=0, time_in_force='GTC', \
            position_side='BOTH', working_type='CONTRACT_PRICE', price_protect=False, \
            close_position=False, reduce_only=False, client_id=None, good_till_ms=0, \
            price_match='NONE', stp_mode='NONE')")]
    fn place_algo(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        side: OrderSide,
        order_type: OrderType,
        lots: Whole,
        price_ticks: Whole,
        trigger_ticks: Whole,
        activation_ticks: Whole,
        callback_ppm: Whole,
        time_in_force: TimeInForce,
        position_side: PositionSide,
        working_type: WorkingType,
        price_protect: bool,
        close_position: bool,
        reduce_only: bool,
        client_id: Option<Id>,
        good_till_ms: Whole,
        price_match: PriceMatch,
        stp_mode: StpMode,
    ) -> PyResult<VenueAlgo> {
        let terms = NewAlgo {
            side,
            position_side,
            order_type,
            lots: lots.0,
            price_ticks: price_ticks.0,
            trigger_ticks: trigger_ticks.0,
            activation_ticks: activation_ticks.0,
            callback_ppm: callback_ppm.0,
            time_in_force,
            working_type,
            price_protect,
            close_position,
            reduce_only,
            client_id: client_id.map(|id| id.0),
            good_till_ms: good_till_ms.0,
            price_match,
            stp_mode,
        };
        Ok(self.hold(py).place_algo(account.index(), symbol, &terms)?.into())
    }

    #[pyo3(signature = (account, *, algo_id=None, client_id=None))]
    fn cancel_algo(
        &self,
        py: Python<'_>,
        account: Whole,
        algo_id: Option<Whole>,
        client_id: Option<&str>,
    ) -> PyResult<VenueAlgo> {
        let handle = args::handle(algo_id, client_id, ALGO)?;
        Ok(self.hold(py).cancel_algo(account.index(), handle)?.into())
    }

    #[pyo3(signature = (account, symbol, /))]
    fn cancel_all_algos(&self, py: Python<'_>, account: Whole, symbol: &str) -> PyResult<Vec<VenueAlgo>> {
        Ok(all(self.hold(py).cancel_all_algos(account.index(), symbol)?))
    }
}
