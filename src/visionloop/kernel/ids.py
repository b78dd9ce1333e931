"""Identifiers that sort by the time they were made."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u
_TIME_DIGITS = 10
_RANDOM_DIGITS = 13


def new_id(prefix: str) -> str:
    """Make a unique id such as ``task_01kb3m9q2x...``.

    Args:
        prefix: Short noun that tells a reader what the id names.

    Returns:
        The prefix, 10 digits of milliseconds since 1970 and 13 random digits (65 bits).
    """
    milliseconds = time.time_ns() // 1_000_000
    return f"{prefix}_{_encode(milliseconds, _TIME_DIGITS)}{_random(_RANDOM_DIGITS)}"


def _encode(value: int, digits: int) -> str:
    return "".join(_ALPHABET[(value >> (5 * i)) & 31] for i in range(digits - 1, -1, -1))


def _random(digits: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(digits))
