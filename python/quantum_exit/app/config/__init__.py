"""The configuration: what can be set, where it may come from, and what is refused."""

from quantum_exit.app.config.settings import Mode, RunConfig, StoreKind

__all__ = ["Mode", "RunConfig", "StoreKind"]
