import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit.errors import InvalidInputError
from quantum_exit.execution import ids
from quantum_exit.execution.ids import OrderIdentity, account_tag, client_id, identity_of
from quantum_exit.execution.orders import Role

VENUE_RULE = re.compile(r"^[.A-Z:/a-z0-9_-]{1,36}$")

identities = st.builds(
    OrderIdentity,
    role=st.sampled_from(Role),
    account_tag=st.text().map(account_tag),
    lease_epoch=st.integers(0, ids.MAX_LEASE_EPOCH),
    position_epoch=st.integers(0, ids.MAX_POSITION_EPOCH),
    rung=st.integers(0, ids.MAX_RUNG),
    revision=st.integers(0, ids.MAX_REVISION),
    attempt=st.integers(0, ids.MAX_ATTEMPT),
)


@given(identities)
def test_an_id_says_what_it_was_made_from(identity: OrderIdentity) -> None:
    assert identity_of(client_id(identity)) == identity


@given(identities)
def test_an_id_is_one_that_venues_take(identity: OrderIdentity) -> None:
    text = client_id(identity)

    assert VENUE_RULE.match(text)
    assert len(text) == 24
    assert text[1] == "1"  # the version


@given(identities, identities)
def test_two_intents_have_two_ids(one: OrderIdentity, other: OrderIdentity) -> None:
    assert (client_id(one) == client_id(other)) == (one == other)


@given(identities, st.integers(0, 23), st.characters(codec="ascii"))
def test_an_id_with_one_character_changed_is_not_ours(
    identity: OrderIdentity, place: int, character: str
) -> None:
    text = client_id(identity)
    changed = text[:place] + character + text[place + 1 :]

    assert changed == text or identity_of(changed) is None


@given(st.text(max_size=40))
def test_foreign_ids_are_not_ours(text: str) -> None:
    assert identity_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x1F",
        "autoclose-1699999999999",
        "web_9f8a7b6c5d4e3f2a1b0c",
        "x-TBzTen1X0123456789abcd",
        "x1F" + "0" * 21,
        "x2F" + "0" * 21,
    ],
)
def test_look_alikes_are_refused(text: str) -> None:
    assert identity_of(text) is None


def test_the_id_of_a_known_intent_never_changes() -> None:
    identity = OrderIdentity(
        role=Role.FLOOR,
        account_tag=account_tag("main"),
        lease_epoch=3,
        position_epoch=17,
        rung=0,
        revision=2,
        attempt=0,
    )

    assert client_id(identity)[:-3] == f"x1F{account_tag('main')}000300000H000020"


@pytest.mark.parametrize(
    ("field", "value"),
    [("rung", 32), ("attempt", 32), ("revision", 1 << 20), ("lease_epoch", -1)],
)
def test_a_number_that_does_not_fit_is_refused_by_name(field: str, value: int) -> None:
    numbers = dict.fromkeys(("lease_epoch", "position_epoch", "rung", "revision", "attempt"), 0)

    with pytest.raises(InvalidInputError) as refused:
        OrderIdentity(role=Role.CLOSE, account_tag="00", **(numbers | {field: value}))

    assert refused.value.field == field
