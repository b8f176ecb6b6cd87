//! Refusals: the codes and texts of Binance USD-M, as data.

use std::borrow::Cow;

use crate::error::Invalid;

/// A request was refused and nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct VenueReject {
    /// Binance's number, negative.
    pub code: i32,
    /// Binance's text.
    pub message: Cow<'static, str>,
}

impl VenueReject {
    /// A refusal whose text holds a value.
    pub fn with(code: i32, message: String) -> Self {
        Self { code, message: Cow::Owned(message) }
    }

    /// -1102: a mandatory parameter is missing.
    #[must_use]
    pub fn missing(parameter: &str) -> Self {
        let text = format!("Mandatory parameter '{parameter}' was not sent, was empty/null, or malformed.");
        Self::with(-1102, text)
    }

    /// -1106: a parameter that the order may not have.
    #[must_use]
    pub fn unwanted(parameter: &str) -> Self {
        Self::with(-1106, format!("Parameter '{parameter}' sent when not required."))
    }

    /// -1130: a parameter has a value that is not valid.
    #[must_use]
    pub fn parameter(parameter: &str) -> Self {
        Self::with(-1130, format!("Data sent for parameter '{parameter}' is not valid."))
    }
}

/// What a call of the venue may answer instead of a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VenueError {
    /// The request was refused as the exchange would.
    #[error(transparent)]
    Reject(#[from] VenueReject),
    /// The driver gave something that makes no sense; no user can cause this.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $NAME:ident = ($code:literal, $text:literal);)+) => {
        $($(#[$doc])* pub const $NAME: VenueReject =
            VenueReject { code: $code, message: Cow::Borrowed($text) };)+
    };
}

refusals! {
    /// The type is unknown to this endpoint.
    BAD_TYPE = (-1116, "Invalid orderType.");
    /// The symbol is not listed.
    BAD_SYMBOL = (-1121, "Invalid symbol.");
    /// The callback is outside 0.1 % to 10 %, or off its step.
    BAD_CALLBACK = (-2007, "Invalid callBack rate.");
    /// Nothing rests under this id.
    UNKNOWN_ORDER = (-2011, "Unknown order sent.");
    /// No order has this id.
    NO_SUCH_ORDER = (-2013, "Order does not exist.");
    /// Not enough balance to withdraw.
    NO_MARGIN = (-2019, "Margin is insufficient.");
    /// The trigger price is met already.
    WOULD_TRIGGER = (-2021, "Order would immediately trigger.");
    /// Nothing to reduce.
    REDUCE_ONLY = (-2022, "ReduceOnly Order is rejected.");
    /// `MAX_NUM_ORDERS`.
    MAX_ORDERS = (-2025, "Reach max open order limit.");
    /// The bracket of the leverage is full.
    MAX_POSITION = (-2027, "Exceeded the maximum allowable position at current leverage.");
    /// `PRICE_FILTER`, upper bound.
    PRICE_HIGH = (-4002, "Price greater than max price.");
    /// No quantity.
    QTY_ZERO = (-4003, "Quantity less than or equal to zero.");
    /// `LOT_SIZE`, lower bound.
    QTY_LOW = (-4004, "Quantity less than min quantity.");
    /// `LOT_SIZE`, upper bound.
    QTY_HIGH = (-4005, "Quantity greater than max quantity.");
    /// No trigger price.
    STOP_ZERO = (-4006, "Stop price less than zero.");
    /// `PRICE_FILTER`, upper bound, of a trigger price.
    STOP_HIGH = (-4007, "Stop price greater than max price.");
    /// `PRICE_FILTER`, lower bound.
    PRICE_LOW = (-4013, "Price less than min price.");
    /// `PRICE_FILTER`, step.
    PRICE_STEP = (-4014, "Price not increased by tick size.");
    /// The client id is not of the allowed characters or length.
    BAD_CLIENT_ID = (-4015, "Client order id is not valid.");
    /// `LOT_SIZE`, step.
    QTY_STEP = (-4023, "Qty not increased by step size.");
    /// No bracket has this leverage.
    BAD_LEVERAGE = (-4028, "Leverage is not valid.");
    /// `MAX_NUM_ALGO_ORDERS`.
    MAX_ALGOS = (-4045, "Reach max stop order limit.");
    /// The margin type is as wished.
    SAME_MARGIN_TYPE = (-4046, "No need to change margin type.");
    /// The margin type cannot change under orders.
    MARGIN_TYPE_ORDERS = (-4047, "Margin type cannot be changed if there exists open orders.");
    /// The margin type cannot change under a position.
    MARGIN_TYPE_POSITION = (-4048, "Margin type cannot be changed if there exists position.");
    /// Not enough cross balance.
    CROSS_BALANCE = (-4050, "Cross balance insufficient.");
    /// Not enough isolated balance.
    ISOLATED_BALANCE = (-4051, "Isolated balance insufficient.");
    /// Nothing to add margin to.
    NO_POSITION = (-4054, "Cannot add position margin: position is 0.");
    /// No amount.
    AMOUNT_ZERO = (-4055, "Amount must be positive.");
    /// The mode is as wished.
    SAME_POSITION_SIDE = (-4059, "No need to change position side.");
    /// BOTH in hedge mode, or the reverse.
    POSITION_SIDE = (-4061, "Order's position side does not match user's setting.");
    /// The mode cannot change under orders.
    MODE_ORDERS = (-4067, "Position side cannot be changed if there exists open orders.");
    /// The mode cannot change under a position.
    MODE_POSITION = (-4068, "Position side cannot be changed if there exists position.");
    /// An open order has this client id.
    DUPLICATE_ID = (-4116, "ClientOrderId is duplicated.");
    /// The order fires just now.
    TRIGGERING = (-4117, "stop order is triggering");
    /// Resting reduce-only orders use up the position.
    REDUCE_ONLY_BUDGET = (
        -4118, "ReduceOnly Order Failed. Please check your existing position and open orders"
    );
    /// A conditional order at the endpoint of regular ones.
    USE_ALGO = (
        -4120,
        "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
    );
    /// The closePosition singleton.
    CLOSE_POSITION_EXISTS = (
        -4130,
        "An open stop or take profit order with GTE and closePosition in the direction is existing."
    );
    /// A MARKET order against a book that is too far away.
    MARKET_BOUND = (
        -4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."
    );
    /// A quantity beside closePosition.
    CLOSE_WITH_QTY = (-4137, "Quantity must be zero with closePosition equals true");
    /// reduceOnly beside closePosition.
    CLOSE_WITH_REDUCE = (-4138, "Reduce only must be true with closePosition equals true");
    /// closePosition of a type that cannot.
    CLOSE_TYPE = (-4139, "Order type can not be market if it's unable to cancel");
    /// The symbol takes no orders that open.
    SYMBOL_SETTLING = (-4140, "Invalid symbol status for opening position");
    /// The symbol takes no orders.
    SYMBOL_CLOSED = (-4141, "Symbol is closed.");
    /// Leverage of an isolated position can only grow.
    ISOLATED_LEVERAGE = (
        -4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions."
    );
    /// closePosition without a position, where the rules want one.
    NOTHING_TO_CLOSE = (
        -4509, "TIF GTE can only be used with open positions. Please ensure that positions are available."
    );
    /// FOK that cannot.
    FOK = (
        -5021,
        "Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history"
    );
    /// GTX that would take.
    POST_ONLY = (
        -5022,
        "Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history"
    );
    /// An amendment while the symbol does not trade.
    AMEND_STATUS = (-5024, "Symbol is not in trading status. Order amendment is not permitted.");
    /// An amendment of another type.
    AMEND_TYPE = (-5025, "Only limit order is supported.");
    /// The amendments are used up.
    AMEND_LIMIT = (-5026, "Exceed maximum modify order limit.");
    /// An amendment that changes nothing.
    AMEND_SAME = (-5027, "No need to modify the order.");
    /// priceMatch on another type.
    PRICE_MATCH_TYPE = (-5038, "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT.");
    /// priceMatch against an empty book.
    PRICE_MATCH_DEPTH = (-5041, "No depth matches this BBO order.");
}
