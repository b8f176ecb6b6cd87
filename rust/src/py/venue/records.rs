//! What the venue keeps, as Python sees it.

use pyo3::prelude::*;

use super::words::{E8, Text};
use crate::venue::account::{Holding, Income};
use crate::venue::algo::Algo;
use crate::venue::firing::trail_of;
use crate::venue::grid::Cash;
use crate::venue::margin::Totals;
use crate::venue::market::Market;
use crate::venue::names::{
    AlgoStatus, IncomeType, MarginType, OrderSide, OrderStatus, OrderType, PositionSide, PriceMatch, StpMode,
    TimeInForce, WorkingType,
};
use crate::venue::order::{Fill, Order};

#[pyclass(frozen, get_all, module = "quantum_exit._core")]
pub struct VenueOrder {
    account: usize,
    symbol: Text<32>,
    order_id: u64,
    client_id: Text<36>,
    side: OrderSide,
    position_side: PositionSide,
    r#type: OrderType,
    orig_type: OrderType,
    time_in_force: TimeInForce,
    status: OrderStatus,
    lots: i64,
    filled_lots: i64,
    price_ticks: i64,
    stop_price_ticks: i64,
    quote_e8: E8,
    reduce_only: bool,
    close_position: bool,
    working_type: WorkingType,
    price_protect: bool,
    price_match: PriceMatch,
    stp_mode: StpMode,
    good_till_ms: i64,
    algo_id: u64,
    amendments: u32,
    created_ms: i64,
    updated_ms: i64,
}

impl From<Order> for VenueOrder {
    fn from(order: Order) -> Self {
        let (terms, origin) = (order.terms, order.origin);
        Self {
            account: order.account,
            symbol: Text(order.symbol_name),
            order_id: order.id,
            client_id: Text(order.client_id),
            side: terms.side,
            position_side: terms.position_side,
            r#type: terms.order_type,
            orig_type: origin.order_type,
            time_in_force: terms.time_in_force,
            status: order.status,
            lots: terms.lots,
            filled_lots: order.filled_lots,
            price_ticks: terms.price_ticks,
            stop_price_ticks: origin.stop_price_ticks,
            quote_e8: E8(order.quote_e8),
            reduce_only: terms.reduce_only,
            close_position: origin.close_position,
            working_type: origin.working_type,
            price_protect: origin.price_protect,
            price_match: terms.price_match,
            stp_mode: terms.stp_mode,
            good_till_ms: terms.good_till_ms,
            algo_id: origin.algo_id,
            amendments: order.amendments,
            created_ms: order.created_ms,
            updated_ms: order.updated_ms,
        }
    }
}

#[expect(clippy::struct_excessive_bools, reason = "what the exchange shows")]
#[pyclass(frozen, get_all, module = "quantum_exit._core")]
pub struct VenueAlgo {
    account: usize,
    symbol: Text<32>,
    algo_id: u64,
    client_id: Text<36>,
    side: OrderSide,
    position_side: PositionSide,
    r#type: OrderType,
    time_in_force: TimeInForce,
    status: AlgoStatus,
    lots: i64,
    price_ticks: i64,
    trigger_ticks: i64,
    working_type: WorkingType,
    price_protect: bool,
    close_position: bool,
    reduce_only: bool,
    price_match: PriceMatch,
    stp_mode: StpMode,
    activation_e8: i64,
    callback_ppm: i64,
    activated: bool,
    extreme_e8: i64,
    good_till_ms: i64,
    created_ms: i64,
    updated_ms: i64,
    triggered_ms: i64,
    order_id: u64,
    child_filled_lots: i64,
    child_quote_e8: E8,
    reason: Text<64>,
}

impl From<Algo> for VenueAlgo {
    fn from(algo: Algo) -> Self {
        let terms = algo.terms;
        let (activation_e8, extreme_e8) = trail_of(&algo);
        Self {
            account: algo.account,
            symbol: Text(algo.symbol_name),
            algo_id: algo.id,
            client_id: Text(algo.client_id),
            side: terms.side,
            position_side: terms.position_side,
            r#type: terms.order_type,
            time_in_force: terms.time_in_force,
            status: algo.status,
            lots: terms.lots,
            price_ticks: terms.price_ticks,
            trigger_ticks: terms.trigger_ticks,
            working_type: terms.working_type,
            price_protect: terms.price_protect,
            close_position: terms.close_position,
            reduce_only: terms.reduce_only,
            price_match: terms.price_match,
            stp_mode: terms.stp_mode,
            activation_e8,
            callback_ppm: terms.callback_ppm,
            activated: algo.is_active(),
            extreme_e8,
            good_till_ms: terms.good_till_ms,
            created_ms: algo.created_ms,
            updated_ms: algo.updated_ms,
            triggered_ms: algo.triggered_ms,
            order_id: algo.order_id,
            child_filled_lots: algo.child_lots,
            child_quote_e8: E8(algo.child_quote_e8),
            reason: Text(algo.reason),
        }
    }
}

#[pyclass(frozen, get_all, module = "quantum_exit._core")]
pub struct VenueFill {
    account: usize,
    symbol: Text<32>,
    trade_id: u64,
    order_id: u64,
    client_id: Text<36>,
    side: OrderSide,
    position_side: PositionSide,
    lots: i64,
    price_ticks: i64,
    quote_e8: E8,
    fee_e8: E8,
    realized_e8: E8,
    maker: bool,
    ts_ms: i64,
}

impl From<Fill> for VenueFill {
    fn from(fill: Fill) -> Self {
        Self {
            account: fill.account,
            symbol: Text(fill.symbol_name),
            trade_id: fill.trade_id,
            order_id: fill.order_id,
            client_id: Text(fill.client_id),
            side: fill.side,
            position_side: fill.position_side,
            lots: fill.lots,
            price_ticks: fill.price_ticks,
            quote_e8: E8(fill.quote_e8),
            fee_e8: E8(fill.fee_e8),
            realized_e8: E8(fill.realized_e8),
            maker: fill.maker,
            ts_ms: fill.ts_ms,
        }
    }
}

#[pyclass(frozen, get_all, module = "quantum_exit._core")]
pub struct VenueHolding {
    account: usize,
    symbol: Text<32>,
    position_side: PositionSide,
    lots: i64,
    entry_cost_e8: E8,
    break_even_cost_e8: E8,
    realized_e8: E8,
    unrealized_e8: E8,
    notional_e8: E8,
    mark_e8: i64,
    liquidation_e8: i64,
    leverage: u32,
    margin_type: MarginType,
    isolated_wallet_e8: E8,
    initial_margin_e8: E8,
    open_order_margin_e8: E8,
    maintenance_margin_e8: E8,
    max_notional_e8: E8,
    updated_ms: i64,
}

impl From<Holding> for VenueHolding {
    fn from(holding: Holding) -> Self {
        let (position, margins) = (holding.position, holding.margins);
        Self {
            account: holding.account,
            symbol: Text(holding.symbol_name),
            position_side: holding.position_side,
            lots: position.lots,
            entry_cost_e8: E8(position.cost_e8),
            break_even_cost_e8: E8(position.break_even_e8),
            realized_e8: E8(position.realized_e8),
            unrealized_e8: E8(holding.unrealized_e8),
            notional_e8: E8(holding.notional_e8),
            mark_e8: holding.mark_e8,
            liquidation_e8: margins.liquidation_e8,
            leverage: holding.leverage,
            margin_type: holding.margin_type,
            isolated_wallet_e8: E8(position.isolated_e8),
            initial_margin_e8: E8(margins.initial_e8),
            open_order_margin_e8: E8(margins.open_orders_e8),
            maintenance_margin_e8: E8(margins.maintenance_e8),
            max_notional_e8: E8(margins.max_notional_e8),
            updated_ms: position.updated_ms,
        }
    }
}

#[pyclass(frozen, get_all, module = "quantum_exit._core")]
pub struct VenueBalance {
    account: usize,
    wallet_e8: E8,
    cross_wallet_e8: E8,
    available_e8: E8,
    unrealized_e8: E8,
    cross_unrealized_e8: E8,
    position_margin_e8: E8,
    open_order_margin_e8: E8,
    maintenance_margin_e8: E8,
    updated_ms: i64,
}

impl VenueBalance {
    pub fn new(account: usize, (wallet_e8, totals, updated_ms): (Cash, Totals, i64)) -> Self {
        Self {
            account,
            wallet_e8: E8(wallet_e8),
            cross_wallet_e8: E8(totals.cross_wallet_e8),
            available_e8: E8(totals.available_e8().max(0)),
            unrealized_e8: E8(totals.unrealized_e8),
            cross_unrealized_e8: E8(totals.cross_unrealized_e8),
            position_margin_e8: E8(totals.position_margin_e8),
            open_order_margin_e8: E8(totals.order_margin_e8),
            maintenance_margin_e8: E8(totals.maintenance_e8),
            updated_ms,
        }
    }
}

#[pyclass(frozen, get_all, module = "quantum_exit._core")]
pub struct VenueIncome {
    account: usize,
    income_id: u64,
    symbol: Text<32>,
    r#type: IncomeType,
    amount_e8: E8,
    trade_id: u64,
    ts_ms: i64,
}

impl From<Income> for VenueIncome {
    fn from(income: Income) -> Self {
        Self {
            account: income.account,
            income_id: income.id,
            symbol: Text(income.symbol_name),
            r#type: income.income_type,
            amount_e8: E8(income.amount_e8),
            trade_id: income.trade_id,
            ts_ms: income.ts_ms,
        }
    }
}

#[pyclass(frozen, get_all, module = "quantum_exit._core")]
pub struct VenueSettings {
    pub leverage: u32,
    pub margin_type: MarginType,
    pub max_notional_e8: E8,
}

#[pyclass(frozen, get_all, module = "quantum_exit._core")]
pub struct VenuePrices {
    last_ticks: i64,
    mark_e8: i64,
    index_e8: i64,
    funding_rate_e8: i64,
    next_funding_ms: i64,
    last_trade_id: u64,
    book_update_id: u64,
    ts_ms: i64,
}

impl From<&Market> for VenuePrices {
    fn from(market: &Market) -> Self {
        let prices = market.prices;
        Self {
            last_ticks: prices.last_ticks,
            mark_e8: prices.mark_e8,
            index_e8: prices.index_e8,
            funding_rate_e8: prices.funding_rate_e8,
            next_funding_ms: prices.next_funding_ms,
            last_trade_id: market.last_trade_id,
            book_update_id: market.depth.update_id(),
            ts_ms: prices.ts_ms,
        }
    }
}
