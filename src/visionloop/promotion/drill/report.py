"""The report of a drill, for people and for the record."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from visionloop.promotion.drill.entities import DrillReport, Figure


def to_record(report: DrillReport) -> dict[str, Any]:
    """Return what the API keeps of a finished drill."""
    return {
        "shift": report.shift,
        "passed": report.is_passed,
        "figures": [asdict(figure) for figure in report.figures],
        "steps": report.steps,
        "evidence": report.evidence,
    }


def to_text(figure: Figure) -> tuple[str, str]:
    """Return value and interval as a person reads them."""
    value = _number(figure, figure.value)
    if figure.count is not None and figure.unit in ("share", "ratio"):
        value = f"{value} (n = {figure.count})"
    if figure.low is None or figure.high is None:
        return value, ""
    return value, f"{_number(figure, figure.low)} to {_number(figure, figure.high)}"


def _number(figure: Figure, value: float) -> str:
    if figure.unit == "share":
        return f"{value:.3f}"
    if figure.unit == "ratio":
        return f"{value:.2f} x"
    return f"{value:.0f} {figure.unit}"
