//! Sets the venue up: rules, symbols and accounts.

#![expect(clippy::fn_params_excessive_bools, reason = "keyword arguments of Python")]
#![expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]

use pyo3::prelude::*;

use super::super::latch::Latch;
use super::args::{self};
use super::class::Venue;
use super::words::Whole;
use crate::venue::Venue as Core;
use crate::venue::depth::Shape;
use crate::venue::grid::{Cash, Grid, MOST};
use crate::venue::names::SymbolStatus;
use crate::venue::rules::VenueRules;
use crate::venue::symbol::{Filters, SymbolSpec, UNBOUNDED_PPM};

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
}
