"""The promotion section of a project's settings, read strictly and with defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visionloop.promotion.entities import DEFAULT_GATES, Policy, Rollout
from visionloop.promotion.errors import InvalidPolicy

_STRATEGIES = ("all_at_once", "canary")
_KEYS = (
    "gates",
    "staging_endpoint",
    "production_endpoint",
    "approval_timeout_days",
    "approval_valid_days",
    "rollout",
)
_ROLLOUT_KEYS = ("strategy", "canary_percent", "canary_s", "max_error_rate")


def read_policy(settings: Mapping[str, Any]) -> Policy:
    """Read the policy from the settings of a project; what is absent has a default.

    ``gates`` is a list of names, or a mapping from name to thresholds whose order is kept:

    ```yaml
    promotion:
      gates:
        parity: {}
        accuracy: {margin: 0.03, min_accuracy: 0.8}
      approval_timeout_days: 3
      rollout: {strategy: canary, canary_percent: 10, canary_s: 120}
    ```

    Raises:
        InvalidPolicy: A key is unknown or its value makes no sense.
    """
    section = settings.get("promotion") or {}
    if not isinstance(section, Mapping):
        raise InvalidPolicy("", "a mapping", section)
    _refuse_unknown("", section, _KEYS)
    gates, gate_settings = _gates(section.get("gates"))
    return Policy(
        gates=gates,
        gate_settings=gate_settings,
        staging_endpoint=_name(section, "staging_endpoint"),
        production_endpoint=_name(section, "production_endpoint"),
        approval_timeout_days=_positive(section, "approval_timeout_days", 3.0),
        approval_valid_days=_positive(section, "approval_valid_days", 1.0),
        rollout=_rollout(section.get("rollout") or {}),
    )


def _gates(value: Any) -> tuple[tuple[str, ...], dict[str, dict[str, Any]]]:
    if value is None:
        return DEFAULT_GATES, {}
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        if len(set(value)) != len(value):
            raise InvalidPolicy("gates", "a list in which no gate stands twice", value)
        return tuple(value), {}
    if isinstance(value, Mapping) and value:
        settings = {str(name): dict(given or {}) for name, given in value.items()}
        return tuple(settings), settings
    raise InvalidPolicy("gates", "a list of names, or a mapping from name to thresholds", value)


def _rollout(value: Any) -> Rollout:
    if not isinstance(value, Mapping):
        raise InvalidPolicy("rollout", "a mapping", value)
    _refuse_unknown("rollout.", value, _ROLLOUT_KEYS)
    strategy = value.get("strategy", "all_at_once")
    if strategy not in _STRATEGIES:
        raise InvalidPolicy("rollout.strategy", " or ".join(_STRATEGIES), strategy)
    percent = value.get("canary_percent", 10)
    if not isinstance(percent, int) or not 1 <= percent <= 99:
        raise InvalidPolicy("rollout.canary_percent", "a whole number from 1 to 99", percent)
    rate = value.get("max_error_rate", 0.01)
    if not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise InvalidPolicy("rollout.max_error_rate", "a share from 0 to 1", rate)
    return Rollout(strategy, percent, _positive(value, "canary_s", 60.0, "rollout."), float(rate))


def _positive(section: Mapping[str, Any], key: str, default: float, prefix: str = "") -> float:
    value = section.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise InvalidPolicy(prefix + key, "a number above 0", value)
    return float(value)


def _name(section: Mapping[str, Any], key: str) -> str | None:
    value = section.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidPolicy(key, "the name of an endpoint", value)
    return value


def _refuse_unknown(prefix: str, section: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in section:
        if key not in known:
            raise InvalidPolicy(f"{prefix}{key}", f"one of {', '.join(known)}", key)
