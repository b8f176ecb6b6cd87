//! The closed vocabularies of the venue, spelled as Binance USD-M spells them.

use arrayvec::ArrayString;

/// A symbol as traded, at most 32 bytes.
pub type SymbolName = ArrayString<32>;
/// The id that a user gave to an order, at most 36 characters.
pub type ClientId = ArrayString<36>;

macro_rules! vocabulary {
    ($(#[$doc:meta])* $Name:ident { $($(#[$variant_doc:meta])* $Variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $Name { $($(#[$variant_doc])* $Variant,)+ }

        impl $Name {
            /// Every value, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$Variant),+];

            /// As the exchange writes it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$Variant => $text,)+ }
            }

            /// The value that the exchange writes as `text`.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$Variant),)+ _ => None }
            }
        }
    };
}

vocabulary! {
    /// What the account does.
    OrderSide {
        /// Buys.
        Buy = "BUY",
        /// Sells.
        Sell = "SELL",
    }
}

vocabulary! {
    /// Which position of a symbol is meant: BOTH in one-way mode, LONG or SHORT in hedge mode.
    PositionSide {
        /// The only one in one-way mode.
        Both = "BOTH",
        /// The long one in hedge mode.
        Long = "LONG",
        /// The short one in hedge mode.
        Short = "SHORT",
    }
}

vocabulary! {
    /// Types of orders. The first two go to the book, the others to the algo service.
    OrderType {
        /// Rests at its price.
        Limit = "LIMIT",
        /// Takes what is there.
        Market = "MARKET",
        /// MARKET once the price went against the position.
        StopMarket = "STOP_MARKET",
        /// LIMIT once the price went against the position.
        Stop = "STOP",
        /// MARKET once the price went with the position.
        TakeProfitMarket = "TAKE_PROFIT_MARKET",
        /// LIMIT once the price went with the position.
        TakeProfit = "TAKE_PROFIT",
        /// MARKET once the price came back from its best by a fraction.
        TrailingStopMarket = "TRAILING_STOP_MARKET",
    }
}

vocabulary! {
    /// How long an order stands.
    TimeInForce {
        /// Until it is cancelled.
        Gtc = "GTC",
        /// What cannot fill at once expires.
        Ioc = "IOC",
        /// All at once or not at all.
        Fok = "FOK",
        /// Only as maker.
        Gtx = "GTX",
        /// Until a date.
        Gtd = "GTD",
    }
}

vocabulary! {
    /// Life of a regular order.
    OrderStatus {
        /// Accepted.
        New = "NEW",
        /// Filled in part, and still open.
        PartiallyFilled = "PARTIALLY_FILLED",
        /// Filled wholly.
        Filled = "FILLED",
        /// Cancelled by its owner.
        Canceled = "CANCELED",
        /// Ended by the venue.
        Expired = "EXPIRED",
    }
}

vocabulary! {
    /// Life of an algo order.
    AlgoStatus {
        /// Waits for its price.
        New = "NEW",
        /// The price was met; the child order is on its way.
        Triggering = "TRIGGERING",
        /// The child order is in the book.
        Triggered = "TRIGGERED",
        /// The child order is final.
        Finished = "FINISHED",
        /// Cancelled by its owner.
        Canceled = "CANCELED",
        /// Ended by the venue before it triggered.
        Expired = "EXPIRED",
        /// The book refused the child order.
        Rejected = "REJECTED",
    }
}

vocabulary! {
    /// Which price triggers an algo order.
    WorkingType {
        /// The last price.
        ContractPrice = "CONTRACT_PRICE",
        /// The mark price.
        MarkPrice = "MARK_PRICE",
    }
}

vocabulary! {
    /// How a position is secured.
    MarginType {
        /// By the whole purse.
        Crossed = "CROSSED",
        /// By what was set aside for it.
        Isolated = "ISOLATED",
    }
}

vocabulary! {
    /// What a symbol takes.
    SymbolStatus {
        /// Everything.
        Trading = "TRADING",
        /// Nothing yet.
        PendingTrading = "PENDING_TRADING",
        /// Nothing for a while.
        Break = "BREAK",
        /// Only orders that reduce.
        Settling = "SETTLING",
        /// Nothing any more.
        Close = "CLOSE",
    }
}

vocabulary! {
    /// A limit price taken from the book when the order arrives.
    PriceMatch {
        /// The price is given.
        None = "NONE",
        /// Best price of the other side.
        Opponent = "OPPONENT",
        /// Fifth price of the other side.
        Opponent5 = "OPPONENT_5",
        /// Tenth price of the other side.
        Opponent10 = "OPPONENT_10",
        /// Twentieth price of the other side.
        Opponent20 = "OPPONENT_20",
        /// Best price of the own side.
        Queue = "QUEUE",
        /// Fifth price of the own side.
        Queue5 = "QUEUE_5",
        /// Tenth price of the own side.
        Queue10 = "QUEUE_10",
        /// Twentieth price of the own side.
        Queue20 = "QUEUE_20",
    }
}

vocabulary! {
    /// Self-trade prevention as sent; the venue never matches two of its own users.
    StpMode {
        /// None.
        None = "NONE",
        /// The taker would expire.
        ExpireTaker = "EXPIRE_TAKER",
        /// The maker would expire.
        ExpireMaker = "EXPIRE_MAKER",
        /// Both would expire.
        ExpireBoth = "EXPIRE_BOTH",
    }
}

vocabulary! {
    /// What an order update tells.
    Execution {
        /// The order was accepted.
        New = "NEW",
        /// It traded.
        Trade = "TRADE",
        /// Its owner cancelled it.
        Canceled = "CANCELED",
        /// The venue ended it.
        Expired = "EXPIRED",
        /// Its owner changed it.
        Amendment = "AMENDMENT",
        /// Liquidation or ADL traded it.
        Calculated = "CALCULATED",
    }
}

vocabulary! {
    /// Why a purse or a position changed.
    AccountReason {
        /// Cash came in.
        Deposit = "DEPOSIT",
        /// Cash went out.
        Withdraw = "WITHDRAW",
        /// A trade.
        Order = "ORDER",
        /// Funding.
        FundingFee = "FUNDING_FEE",
        /// The venue closed the position.
        Adjustment = "ADJUSTMENT",
        /// The insurance fund gave or took.
        InsuranceClear = "INSURANCE_CLEAR",
        /// Margin moved between purse and position.
        MarginTransfer = "MARGIN_TRANSFER",
        /// Cross to isolated or back.
        MarginTypeChange = "MARGIN_TYPE_CHANGE",
    }
}

vocabulary! {
    /// Kinds of income.
    IncomeType {
        /// Deposit or withdrawal.
        Transfer = "TRANSFER",
        /// Profit of a closing trade.
        RealizedPnl = "REALIZED_PNL",
        /// Fee of a trade.
        Commission = "COMMISSION",
        /// Funding.
        FundingFee = "FUNDING_FEE",
        /// The insurance fund gave or took.
        InsuranceClear = "INSURANCE_CLEAR",
    }
}

impl OrderSide {
    /// `+1` for BUY, `-1` for SELL.
    #[must_use]
    pub const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }

    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

impl PositionSide {
    /// The order side that can only reduce this position; `None` where it depends on the position.
    #[must_use]
    pub const fn reducing(self) -> Option<OrderSide> {
        match self {
            Self::Both => None,
            Self::Long => Some(OrderSide::Sell),
            Self::Short => Some(OrderSide::Buy),
        }
    }
}

impl OrderType {
    /// Whether the book takes it; the algo service takes the others.
    #[must_use]
    pub const fn is_regular(self) -> bool {
        matches!(self, Self::Limit | Self::Market)
    }

    /// The type of the order that reaches the book.
    #[must_use]
    pub const fn child(self) -> Self {
        match self {
            Self::Limit | Self::Stop | Self::TakeProfit => Self::Limit,
            _ => Self::Market,
        }
    }
}

impl OrderStatus {
    /// Whether the order can still trade.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::PartiallyFilled)
    }
}

impl AlgoStatus {
    /// Whether the order is shown as open.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Triggering | Self::Triggered)
    }
}

impl PriceMatch {
    /// Whether the own side is meant, and the 0-based level.
    #[must_use]
    pub const fn level(self) -> Option<(bool, usize)> {
        match self {
            Self::None => None,
            Self::Opponent => Some((false, 0)),
            Self::Opponent5 => Some((false, 4)),
            Self::Opponent10 => Some((false, 9)),
            Self::Opponent20 => Some((false, 19)),
            Self::Queue => Some((true, 0)),
            Self::Queue5 => Some((true, 4)),
            Self::Queue10 => Some((true, 9)),
            Self::Queue20 => Some((true, 19)),
        }
    }
}
