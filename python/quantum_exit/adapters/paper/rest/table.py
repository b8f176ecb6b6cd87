"""All REST endpoints by method and path."""

from collections.abc import Mapping
from types import MappingProxyType

from quantum_exit.adapters.paper.rest import (
    account,
    algo,
    batch,
    history,
    market,
    orders,
    settings,
)
from quantum_exit.adapters.paper.rest.endpoint import Endpoint

_GROUPS = (market, settings, account, orders, history, batch, algo)

ENDPOINTS: Mapping[tuple[str, str], Endpoint] = MappingProxyType(
    {
        (endpoint.method, endpoint.path): endpoint
        for group in _GROUPS
        for endpoint in group.ENDPOINTS
    }
)
"""Every endpoint by `(method, path)`."""

PATHS: frozenset[str] = frozenset(path for _, path in ENDPOINTS)
"""Every path, whatever the method."""
