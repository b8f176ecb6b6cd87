"""What venues can do, as data. Only Binance USD-M has an adapter; the others are told for planning.

Where a venue documents a thing for some orders only, the table says no.
"""

from types import MappingProxyType
from typing import Final

from quantum_exit.execution.ports import Capabilities

BINANCE_USDM: Final = Capabilities(
    amend_stop=False,
    native_oco=False,
    auto_resize=False,
    auto_cancel_on_close=False,
    client_id_on_trailing=True,
    trail_unit="percent",
    close_position_singleton=True,
    max_conditional_orders=None,
)
"""Conditional orders of the algo service: changing an untriggered one is not supported."""

BYBIT_LINEAR: Final = Capabilities(
    amend_stop=True,
    native_oco=False,
    auto_resize=True,
    auto_cancel_on_close=True,
    client_id_on_trailing=False,
    trail_unit="price",
    close_position_singleton=True,
    max_conditional_orders=10,
)
"""`/v5/position/trading-stop` in Full mode: attached to the position, changed in place."""

OKX_SWAP: Final = Capabilities(
    amend_stop=True,
    native_oco=True,
    auto_resize=False,
    auto_cancel_on_close=True,
    client_id_on_trailing=True,
    trail_unit="percent",
    close_position_singleton=False,
    max_conditional_orders=None,
)
"""`order-algo` with `cxlOnClosePos`, changed by `amend-algos`."""

CAPABILITIES: Final = MappingProxyType(
    {"binance_usdm": BINANCE_USDM, "bybit_linear": BYBIT_LINEAR, "okx_swap": OKX_SWAP}
)
"""By venue."""
