"""Positions, contexts and books that the planning tests share."""

from decimal import Decimal

from hypothesis import strategies as st

from quantum_exit import Instrument
from quantum_exit.domain.market import MarketContext, MarketRegime
from quantum_exit.domain.position import Position, Side
from quantum_exit.domain.risk import RiskContext, RiskMode
from quantum_exit.planning.book import ANY, ANY_REGIME, ProfileBook
from quantum_exit.planning.context import Advice, ExitContext
from quantum_exit.planning.profiles import TPKind, TPProfile, TPProfileLeg, TrailingProfile

BTC = Instrument("BTCUSDT", "0.1", "0.001", "0.001", "0")
CALM = RiskContext(
    as_of_ns=0,
    ess_factor=1.0,
    systemic_risk_level=0.0,
    correlation_risk=0.0,
    portfolio_heat=0.0,
)

INSTRUMENTS = (
    BTC,
    Instrument("ODDUSDT", "0.25", "0.005", "0.005", "5"),
    Instrument("PENNYUSDT", "0.0001", "1", "1", "5"),
    Instrument("LUMPUSDT", "0.5", "1000", "1000", "100"),
)
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
STRATEGIES = ("RL_V3", "SCALP_V2", "TREND_FOLLOW")


def position(**changes: object) -> Position:
    """A LONG of one BTC at 50 000 without leverage, with `changes`."""
    values: dict[str, object] = {
        "instrument": BTC,
        "side": Side.LONG,
        "entry_price": Decimal(50_000),
        "quantity": Decimal(1),
        "strategy_id": "RL_V3",
    }
    return Position(**(values | changes))  # type: ignore[arg-type]


def context(
    regime: MarketRegime = MarketRegime.NORMAL,
    *,
    risk_mode: RiskMode = RiskMode.NORMAL,
    advice: Advice | None = None,
    atr: float | None = None,
    **changes: object,
) -> ExitContext:
    """The context of `position(**changes)`."""
    return ExitContext(
        position=position(**changes),
        market=MarketContext(regime=regime, atr=atr),
        risk_mode=risk_mode,
        risk=CALM,
        advice=Advice() if advice is None else advice,
    )


def ppm(low: float, high: float) -> st.SearchStrategy[float]:
    """Floats with six decimals."""
    return st.integers(round(low * 1e6), round(high * 1e6)).map(lambda n: n / 1_000_000)


@st.composite
def profiles(draw: st.DrawFn, name: str) -> TPProfile:
    distances = sorted(draw(st.lists(ppm(0.05, 8.0), min_size=1, max_size=5)))
    cuts = sorted(
        draw(st.lists(st.integers(1, 999_999), min_size=len(distances), max_size=5, unique=True))
    )
    shares = [b - a for a, b in zip([0, *cuts], cuts, strict=False)]
    legs = tuple(
        TPProfileLeg(r, share / 1_000_000, draw(st.sampled_from(TPKind)))
        for r, share in zip(distances, shares, strict=False)
    )
    trailing = None
    if draw(st.booleans()):
        callbacks = sorted(draw(st.lists(ppm(0.001, 0.1), min_size=1, max_size=3)), reverse=True)
        points = sorted(
            draw(
                st.lists(
                    ppm(0.1, 9.0),
                    min_size=len(callbacks) - 1,
                    max_size=len(callbacks) - 1,
                    unique_by=lambda r: round(r, 4),
                )
            )
        )
        trailing = TrailingProfile(
            callbacks[0], draw(ppm(0.0, 3.0)), tuple(zip(points, callbacks[1:], strict=True))
        )
    return TPProfile(name=name, tp_legs=legs, trailing=trailing)


KEYS = st.one_of(
    st.tuples(
        st.sampled_from(SYMBOLS), st.sampled_from(STRATEGIES), st.sampled_from([*MarketRegime])
    ),
    st.tuples(st.sampled_from(SYMBOLS), st.sampled_from(STRATEGIES), st.just(ANY_REGIME)),
    st.tuples(st.sampled_from(SYMBOLS), st.just(ANY), st.sampled_from([*MarketRegime])),
    st.tuples(st.just(ANY), st.sampled_from(STRATEGIES), st.sampled_from([*MarketRegime])),
    st.tuples(st.just(ANY), st.just(ANY), st.sampled_from([*MarketRegime])),
)


@st.composite
def books(draw: st.DrawFn) -> ProfileBook:
    """Books that keep only the global default of the five, plus random registrations."""
    book = ProfileBook.default()
    for regime in MarketRegime:
        if regime is not MarketRegime.NORMAL:
            book = book.without_profile(regime=regime)
    for index, key in enumerate(draw(st.lists(KEYS, max_size=8, unique=True))):
        symbol, strategy_id, regime_key = key
        profile = draw(profiles(f"P{index}"))
        book = book.with_profile(profile, symbol=symbol, strategy_id=strategy_id, regime=regime_key)
    return book


def maybe(strategy: st.SearchStrategy[float]) -> st.SearchStrategy[float | None]:
    return st.one_of(st.none(), strategy)


@st.composite
def positions(draw: st.DrawFn) -> Position:
    instrument = draw(st.sampled_from(INSTRUMENTS))
    side = draw(st.sampled_from(Side))
    tick = Decimal(instrument.tick_size)
    # Above 5000 ticks, so that the closest stop allowed (0.2 %) is ten ticks away.
    entry = tick * draw(st.integers(5_000, 2_000_000)) / draw(st.sampled_from((1, 3, 7)))
    entry = max(round(entry, 8), tick * 5_000)
    lots = draw(st.integers(1, 5_000))
    leverage = draw(st.sampled_from((1.0, 2.0, 5.0, 10.0, 20.0, 50.0)))
    adopted = draw(st.booleans())
    move = Decimal(draw(st.integers(-60, 150))) / 100
    price = max(entry * (1 + side.sign * move), tick)
    live = draw(st.one_of(st.none(), st.integers(-400, 100)))
    stop = None if live is None else max(entry * (1 + side.sign * Decimal(live) / 10_000), tick)
    return Position(
        instrument=instrument,
        side=side,
        entry_price=entry,
        quantity=lots * Decimal(instrument.lot_step),
        leverage=leverage,
        current_price=price if adopted or draw(st.booleans()) else None,
        strategy_id=draw(st.sampled_from(STRATEGIES)),
        stop_price=stop,
        adopted=adopted,
    )


@st.composite
def contexts(draw: st.DrawFn) -> ExitContext:
    held = draw(positions())
    return ExitContext(
        position=held,
        market=MarketContext(
            regime=draw(st.sampled_from([*MarketRegime])),
            volatility=draw(maybe(st.floats(0.0, 0.2))),
            atr=draw(st.floats(0.002, 0.2)) * float(held.entry_price),
        ),
        risk_mode=draw(st.sampled_from([*RiskMode])),
        risk=draw(
            st.one_of(
                st.none(),
                st.builds(
                    RiskContext,
                    as_of_ns=st.just(0),
                    ess_factor=maybe(st.floats(1.0, 2.5)),
                    systemic_risk_level=maybe(st.floats(0.0, 1.0)),
                    correlation_risk=maybe(st.floats(0.0, 1.0)),
                ),
            )
        ),
        advice=Advice(
            signal_confidence=draw(st.floats(0.0, 1.0)),
            rl_tp_hint=draw(maybe(st.floats(0.001, 0.5))),
            rl_sl_hint=draw(maybe(st.floats(0.001, 0.5))),
            rl_confidence=draw(maybe(st.floats(0.0, 1.0))),
            tp_zone_multiplier=draw(maybe(st.floats(0.5, 1.5))),
            trail_hint=draw(maybe(st.floats(0.0001, 0.4))),
        ),
    )
