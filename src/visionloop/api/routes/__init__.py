"""One module of routes per domain."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

ROUTERS = tuple(
    import_module(f"{__name__}.{module.name}").router for module in iter_modules(__path__)
)
