import enum
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, MutableMapping, MutableSequence, MutableSet
from contextvars import ContextVar
from types import ModuleType

import numpy as np
import pytest

import quantum_exit

# "module.name" of each exception, with the reason why it is none in truth.
ALLOWED: frozenset[str] = frozenset()


def module_names() -> list[str]:
    names = [
        info.name
        for info in pkgutil.walk_packages(quantum_exit.__path__, "quantum_exit.")
        if not info.name.endswith(".__main__")
    ]
    return ["quantum_exit", *names]


def is_shared_mutable(value: object) -> bool:
    if isinstance(value, np.ndarray):
        return bool(value.flags.writeable)
    if hasattr(value, "cache_clear"):  # functools.cache: a dict under another name
        return True
    return isinstance(value, MutableMapping | MutableSequence | MutableSet | bytearray | ContextVar)


def findings(module: ModuleType) -> Iterator[str]:
    """Names in `module`, and in the classes it defines, that hold what anyone could change."""
    for name, value in vars(module).items():
        if name.startswith("__"):
            continue
        if is_shared_mutable(value):
            yield f"{module.__name__}.{name}"
        if inspect.isclass(value) and value.__module__ == module.__name__:
            yield from class_findings(value)


def class_findings(cls: type) -> Iterator[str]:
    for name, value in vars(cls).items():
        # The tables that enum, abc, Protocol and NamedTuple keep for themselves.
        internal = (
            name.startswith(("__", "_abc_"))
            or (issubclass(cls, enum.Enum) and name.startswith("_"))
            or (issubclass(cls, tuple) and name == "_field_defaults")
        )
        if not internal and is_shared_mutable(value):
            yield f"{cls.__module__}.{cls.__qualname__}.{name}"


@pytest.mark.parametrize("name", module_names())
def test_module_holds_no_shared_mutable_state(name: str) -> None:
    module = importlib.import_module(name)

    assert set(findings(module)) - ALLOWED == set()


class Sample:
    table: dict[str, int] = {}  # noqa: RUF012 - the very thing that the check looks for


def test_the_check_sees_what_it_looks_for() -> None:
    module = ModuleType("sample")
    vars(module).update(
        registry={}, frozen=(1, 2), grid=np.zeros(3), __all__=["registry"], text="constant"
    )

    assert set(findings(module)) == {"sample.registry", "sample.grid"}
    assert list(class_findings(Sample)) == [f"{__name__}.Sample.table"]
