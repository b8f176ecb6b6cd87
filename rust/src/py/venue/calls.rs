//! `Venue` for Python: each method takes the latch, calls and maps.

#![expect(clippy::fn_params_excessive_bools, reason = "keyword arguments of Python")]
#![expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]

use pyo3::prelude::*;

use super::super::latch::{Held, Latch};
use super::args::{self, ALGO, ORDER};
use super::events::AnyEvent;
use super::records::{
    VenueAlgo, VenueBalance, VenueFill, VenueHolding, VenueIncome, VenueOrder, VenuePrices, VenueSettings,
};
use super::words::{E8, Id, Whole};
use crate::venue::algo::NewAlgo;
use crate::venue::depth::Shape;
use crate::venue::grid::{Cash, Grid, MOST};
use crate::venue::names::{
    MarginType, OrderSide, OrderType, PositionSide, PriceMatch, StpMode, SymbolStatus, TimeInForce,
    WorkingType,
};
use crate::venue::order::NewOrder;
use crate::venue::orders::Amendment;
use crate::venue::query::Levels;
use crate::venue::rules::VenueRules;
use crate::venue::symbol::{Filters, SymbolSpec, UNBOUNDED_PPM};
use crate::venue::{Venue as Core, reject};

const NONE: PriceMatch = PriceMatch::None;
const NO_STP: StpMode = StpMode::None;

/// A deterministic USD-M futures venue without I/O, clock or randomness.
#[pyclass(frozen, module = "quantum_exit._core")]
pub struct Venue(Latch<Core>);

impl Venue {
    /// The venue, for one call; a thread that has to wait lets others run.
    fn hold(&self, py: Python<'_>) -> Held<'_, Core> {
        loop {
            if let Some(core) = self.0.try_hold() {
                return core;
            }
            py.detach(std::thread::yield_now);
        }
    }
}

fn all<T, R: From<T>>(records: Vec<T>) -> Vec<R> {
    records.into_iter().map(R::from).collect()
}

#[pymethods]
impl Venue {
    #[new]
    #[pyo3(signature = (*, now_ms=0, close_position_singleton="per_type_and_side",
        oversized_reduce_only_stop="truncate", client_id_reuse_after_final=true,
        close_position_before_position=true, countdown_cancels_algo=true, reduce_only_budget=true,
        gte_expires_with_position=true, expire_reduce_only_with_position=false,
        price_protect_violation="wait", trigger_latency_ms=0, history=100_000))]
    fn new(
        now_ms: i64,
        close_position_singleton: &str,
        oversized_reduce_only_stop: &str,
        client_id_reuse_after_final: bool,
        close_position_before_position: bool,
        countdown_cancels_algo: bool,
        reduce_only_budget: bool,
        gte_expires_with_position: bool,
        expire_reduce_only_with_position: bool,
        price_protect_violation: &str,
        trigger_latency_ms: i64,
        history: usize,
    ) -> PyResult<Self> {
        let rules = VenueRules {
            close_position_singleton: args::singleton(close_position_singleton)?,
            oversized_reduce_only_stop: args::oversized(oversized_reduce_only_stop)?,
            client_id_reuse_after_final,
            close_position_before_position,
            countdown_cancels_algo,
            reduce_only_budget,
            gte_expires_with_position,
            expire_reduce_only_with_position,
            price_protect_violation: args::protected(price_protect_violation)?,
            trigger_latency_ms,
            history,
        };
        Ok(Self(Latch::new(Core::new(now_ms, rules)?)))
    }

    #[pyo3(signature = (symbol, *, tick_e8, lot_e8, min_price_ticks=1, max_price_ticks=MOST, min_lots=1,
        max_lots=MOST, market_min_lots=1, market_max_lots=MOST, lot_multiple=1, market_lot_multiple=1,
        min_notional_e8=0, multiplier_up_ppm=UNBOUNDED_PPM, multiplier_down_ppm=0,
        market_take_bound_ppm=UNBOUNDED_PPM, trigger_protect_ppm=UNBOUNDED_PPM, max_orders=200,
        max_algo_orders=10, liquidation_fee_ppm=0, brackets=None, status=SymbolStatus::Trading),
        text_signature = "($self, symbol, *, tick_e8, lot_e8, min_price_ticks=1, \
            max_price_ticks=1099511627776, min_lots=1, max_lots=1099511627776, \
            market_min_lots=1, market_max_lots=1099511627776, lot_multiple=1, \
            market_lot_multiple=1, min_notional_e8=0, multiplier_up_ppm=1000000000000, \
            multiplier_down_ppm=0, market_take_bound_ppm=1000000000000, \
            trigger_protect_ppm=1000000000000, max_orders=200, max_algo_orders=10, \
            liquidation_fee_ppm=0, brackets=None, status='TRADING')")]
    fn add_symbol(
        &self,
        py: Python<'_>,
        symbol: &str,
        tick_e8: i64,
        lot_e8: i64,
        min_price_ticks: i64,
        max_price_ticks: i64,
        min_lots: i64,
        max_lots: i64,
        market_min_lots: i64,
        market_max_lots: i64,
        lot_multiple: i64,
        market_lot_multiple: i64,
        min_notional_e8: i64,
        multiplier_up_ppm: i64,
        multiplier_down_ppm: i64,
        market_take_bound_ppm: i64,
        trigger_protect_ppm: i64,
        max_orders: usize,
        max_algo_orders: usize,
        liquidation_fee_ppm: i64,
        brackets: Option<Vec<(i64, u32, i64, i64)>>,
        status: SymbolStatus,
    ) -> PyResult<()> {
        let filters = Filters {
            price_multiple: 1,
            min_price_ticks,
            max_price_ticks,
            lot_multiple,
            min_lots,
            max_lots,
            market_lot_multiple,
            market_min_lots,
            market_max_lots,
            min_notional_e8: Cash::from(min_notional_e8),
            multiplier_up_ppm,
            multiplier_down_ppm,
            market_take_bound_ppm,
            trigger_protect_ppm,
            max_orders,
            max_algo_orders,
        };
        let spec = SymbolSpec {
            name: args::symbol_name(symbol)?,
            grid: Grid::new(tick_e8, lot_e8)?,
            filters: filters.checked()?,
            brackets: args::brackets(brackets)?,
            liquidation_fee_ppm,
        };
        Ok(self.hold(py).add_symbol(spec, status)?)
    }

    #[pyo3(signature = (symbol, /, *, spread_ticks=1, levels=20, step_ticks=1, lots_per_level=1_000_000))]
    fn set_depth(
        &self,
        py: Python<'_>,
        symbol: &str,
        spread_ticks: i64,
        levels: i64,
        step_ticks: i64,
        lots_per_level: i64,
    ) -> PyResult<()> {
        let shape = Shape { spread_ticks, levels, step_ticks, lots_per_level };
        Ok(self.hold(py).set_depth(symbol, shape)?)
    }

    #[pyo3(signature = (symbol, max_lots, /))]
    fn set_fill_split(&self, py: Python<'_>, symbol: &str, max_lots: Option<i64>) -> PyResult<()> {
        Ok(self.hold(py).set_fill_split(symbol, max_lots)?)
    }

    #[pyo3(signature = (symbol, status, /))]
    fn set_symbol_status(&self, py: Python<'_>, symbol: &str, status: SymbolStatus) -> PyResult<()> {
        Ok(self.hold(py).set_symbol_status(symbol, status)?)
    }

    #[pyo3(signature = (symbol, /, *, price_multiple=None, lot_multiple=None, market_lot_multiple=None,
        min_price_ticks=None, max_price_ticks=None, min_lots=None, max_lots=None, market_min_lots=None,
        market_max_lots=None, min_notional_e8=None, multiplier_up_ppm=None, multiplier_down_ppm=None,
        market_take_bound_ppm=None, trigger_protect_ppm=None, max_orders=None))]
    fn set_filters(
        &self,
        py: Python<'_>,
        symbol: &str,
        price_multiple: Option<i64>,
        lot_multiple: Option<i64>,
        market_lot_multiple: Option<i64>,
        min_price_ticks: Option<i64>,
        max_price_ticks: Option<i64>,
        min_lots: Option<i64>,
        max_lots: Option<i64>,
        market_min_lots: Option<i64>,
        market_max_lots: Option<i64>,
        min_notional_e8: Option<i64>,
        multiplier_up_ppm: Option<i64>,
        multiplier_down_ppm: Option<i64>,
        market_take_bound_ppm: Option<i64>,
        trigger_protect_ppm: Option<i64>,
        max_orders: Option<usize>,
    ) -> PyResult<()> {
        let mut core = self.hold(py);
        let now = core.filters(symbol)?;
        let changed = Filters {
            price_multiple: price_multiple.unwrap_or(now.price_multiple),
            lot_multiple: lot_multiple.unwrap_or(now.lot_multiple),
            market_lot_multiple: market_lot_multiple.unwrap_or(now.market_lot_multiple),
            min_price_ticks: min_price_ticks.unwrap_or(now.min_price_ticks),
            max_price_ticks: max_price_ticks.unwrap_or(now.max_price_ticks),
            min_lots: min_lots.unwrap_or(now.min_lots),
            max_lots: max_lots.unwrap_or(now.max_lots),
            market_min_lots: market_min_lots.unwrap_or(now.market_min_lots),
            market_max_lots: market_max_lots.unwrap_or(now.market_max_lots),
            min_notional_e8: min_notional_e8.map_or(now.min_notional_e8, Cash::from),
            multiplier_up_ppm: multiplier_up_ppm.unwrap_or(now.multiplier_up_ppm),
            multiplier_down_ppm: multiplier_down_ppm.unwrap_or(now.multiplier_down_ppm),
            market_take_bound_ppm: market_take_bound_ppm.unwrap_or(now.market_take_bound_ppm),
            trigger_protect_ppm: trigger_protect_ppm.unwrap_or(now.trigger_protect_ppm),
            max_orders: max_orders.unwrap_or(now.max_orders),
            ..now
        };
        Ok(core.set_filters(symbol, changed)?)
    }

    #[pyo3(signature = (symbol, limit, /))]
    fn set_algo_limit(&self, py: Python<'_>, symbol: &str, limit: usize) -> PyResult<()> {
        let mut core = self.hold(py);
        let changed = Filters { max_algo_orders: limit, ..core.filters(symbol)? };
        Ok(core.set_filters(symbol, changed)?)
    }

    #[pyo3(signature = (latency_ms, /))]
    fn set_trigger_latency(&self, py: Python<'_>, latency_ms: i64) -> PyResult<()> {
        Ok(self.hold(py).set_trigger_latency(latency_ms)?)
    }

    #[pyo3(signature = (*, maker_fee_ppm=200, taker_fee_ppm=500))]
    fn add_account(&self, py: Python<'_>, maker_fee_ppm: i64, taker_fee_ppm: i64) -> PyResult<usize> {
        Ok(self.hold(py).add_account(maker_fee_ppm, taker_fee_ppm)?)
    }

    #[pyo3(signature = (account, /, *, maker_fee_ppm, taker_fee_ppm))]
    fn set_fees(
        &self,
        py: Python<'_>,
        account: Whole,
        maker_fee_ppm: i64,
        taker_fee_ppm: i64,
    ) -> PyResult<()> {
        Ok(self.hold(py).set_fees(account.index(), maker_fee_ppm, taker_fee_ppm)?)
    }

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

    #[pyo3(signature = (account, amount_e8, /))]
    fn transfer(&self, py: Python<'_>, account: Whole, amount_e8: Whole) -> PyResult<VenueBalance> {
        let mut core = self.hold(py);
        core.transfer(account.index(), Cash::from(amount_e8.0))?;
        Ok(VenueBalance::new(account.index(), core.balance(account.index())?))
    }

    #[pyo3(signature = (account, dual, /))]
    fn set_hedge_mode(&self, py: Python<'_>, account: Whole, dual: bool) -> PyResult<()> {
        Ok(self.hold(py).set_hedge_mode(account.index(), dual)?)
    }

    #[pyo3(signature = (account, /))]
    fn hedge_mode(&self, py: Python<'_>, account: Whole) -> PyResult<bool> {
        Ok(self.hold(py).hedge_mode(account.index())?)
    }

    #[pyo3(signature = (account, symbol, leverage, /))]
    fn set_leverage(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        leverage: Whole,
    ) -> PyResult<VenueSettings> {
        let leverage = u32::try_from(leverage.0).map_err(|_| reject::BAD_LEVERAGE)?;
        self.hold(py).set_leverage(account.index(), symbol, leverage)?;
        self.settings(py, account, symbol)
    }

    #[pyo3(signature = (account, symbol, margin_type, /))]
    fn set_margin_type(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        margin_type: MarginType,
    ) -> PyResult<()> {
        Ok(self.hold(py).set_margin_type(account.index(), symbol, margin_type)?)
    }

    #[pyo3(signature = (account, symbol, amount_e8, position_side=PositionSide::Both, /),
        text_signature = "($self, account, symbol, amount_e8, position_side='BOTH', /)")]
    fn change_isolated_margin(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        amount_e8: Whole,
        position_side: PositionSide,
    ) -> PyResult<VenueHolding> {
        let amount = Cash::from(amount_e8.0);
        Ok(self.hold(py).change_isolated_margin(account.index(), symbol, amount, position_side)?.into())
    }

    #[pyo3(signature = (account, symbol, /))]
    fn settings(&self, py: Python<'_>, account: Whole, symbol: &str) -> PyResult<VenueSettings> {
        let core = self.hold(py);
        let (desk, most) = core.settings(account.index(), symbol)?;
        let (leverage, margin_type) = (desk.leverage, desk.margin_type);
        Ok(VenueSettings { leverage, margin_type, max_notional_e8: E8(most) })
    }

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
