"""What an exit of all left for dust, when a finer step makes lots of it."""

import pytest

from quantum_exit.domain.facts import Fill, OrderSide, VenuePosition
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Adopt, Closed, Effect, ReadAccount
from quantum_exit.execution.guardian.facts import Audit, Fact
from tests.unit.guardian.acting import close_all, opened
from tests.unit.guardian.test_regrid import rules
from tests.unit.guardian.world import SYMBOL, World, plan


class Scene:
    """A position of nine lots under a step of two: four lots and dust."""

    def __init__(self) -> None:
        self.world = World()
        self.world.feed(rules("1", "1"))
        opened(world=self.world)
        self.step(rules("1", "2"))

    def step(self, fact: Fact) -> tuple[Effect, ...]:
        """What the guardian asks for 10 ms later."""
        self.world.now_ms += 10
        return self.world.guardian.step(fact, self.world.now_ms)

    def close(self) -> None:
        """Decides to close; the venue does not hear of it."""
        close_all(self.world)

    def flat(self, dust: str) -> tuple[Effect, ...]:
        """The stream tells that no lots are left."""
        return self.step(position(self.world.now_ms, 0, dust))

    def fill(self) -> tuple[Effect, ...]:
        """The stream tells of the trade that led to it."""
        return self.step(
            Fill(
                symbol=SYMBOL,
                trade_id=9_000,
                venue_order_id=9_000,
                client_id=None,
                side=OrderSide.SELL,
                position_side=None,
                lots=4,
                price_ticks=1_000,
                fee="0",
                fee_asset="USDT",
                realized_pnl="0",
                maker=False,
                ts_ms=self.world.now_ms - 10,
            )
        )

    def found(self, lots: int) -> Adopt:
        """What is asked for when a reading shows a position that has not changed since."""
        told_ms = self.world.now_ms - 20
        audit = Audit(
            symbol=None,
            positions=(position(told_ms, lots, "0"),),
            open_orders=(),
            taken_at_ms=self.world.now_ms,
            complete=True,
        )
        (adopt,) = [one for one in self.step(audit) if isinstance(one, Adopt)]
        return adopt

    def exits(self) -> tuple[int, int]:
        """Lots that are guarded, and how many exits are being carried out."""
        (guarded,) = self.world.guardian.status(self.world.now_ms).positions
        return guarded.lots, guarded.exits

    def plan(self, adopt: Adopt) -> None:
        """The position that was found is given a plan."""
        self.step(plan(adopt.key, adopt.lots, self.world.now_ms, self.world.venue))


def position(updated_ms: int, lots: int, dust: str) -> VenuePosition:
    return VenuePosition(
        symbol=SYMBOL,
        side=Side.LONG,
        hedge=False,
        lots=lots,
        entry_price="1000",
        mark_price=None,
        liquidation_price=None,
        leverage=None,
        updated_ms=updated_ms,
        dust=dust,
    )


def closed(effects: tuple[Effect, ...]) -> list[str]:
    return [one.dust for one in effects if isinstance(one, Closed)]


def test_what_an_exit_left_for_dust_is_closed_as_soon_as_an_order_can_express_it() -> None:
    scene = Scene()
    scene.close()
    scene.flat("1")
    ended = scene.fill()

    refined = scene.step(rules("1", "1"))

    assert closed(ended) == ["1"]
    assert ReadAccount(symbol=SYMBOL) in refined
    scene.plan(scene.found(1))
    assert scene.exits() == (1, 1)


@pytest.mark.parametrize(("is_exit", "lots"), [(False, 1), (True, 3)])
def test_what_no_exit_was_after_is_guarded_and_not_closed(is_exit: bool, lots: int) -> None:
    scene = Scene()
    if is_exit:
        scene.close()
    scene.flat("1")
    scene.fill()
    scene.step(rules("1", "1"))

    scene.plan(scene.found(lots))
    assert scene.exits() == (lots, 0)


def test_an_exit_goes_on_where_its_trades_are_still_awaited() -> None:
    scene = Scene()
    scene.close()
    scene.flat("1")

    scene.step(rules("1", "1"))

    assert scene.exits() == (1, 1)
