"""How the command line prints: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer
from typer import Option

JsonOption = Option(False, "--json", help="Print raw JSON.")
ProjectOption = Option(None, "--project", "-p", help="Project; may be left out if there is one.")


def print_table(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    as_json: bool = False,
    empty: str = "Nothing yet.",
) -> None:
    """Print rows as a table, or as JSON.

    Args:
        rows: The things to print.
        columns: Keys to show, in order; ``a.b`` reaches into a nested mapping.
        as_json: Print the rows whole instead.
        empty: What to say when there are none.
    """
    found = list(rows)
    if as_json:
        print_json(found)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.split(".")[-1].replace("_", " "))
    for row in found:
        table.add_row(*(_text(_reach(row, column)) for column in columns))
    Console().print(table if found else f"[dim]{empty}[/dim]")


def print_facts(values: Mapping[str, Any], *, as_json: bool = False) -> None:
    """Print one thing as key and value lines, or as JSON."""
    if as_json:
        print_json(values)
        return
    width = max((len(key) for key in values), default=0)
    for key, value in values.items():
        typer.echo(f"{key.replace('_', ' '):<{width}}  {_text(value)}")


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _reach(row: Mapping[str, Any], column: str) -> Any:
    value: Any = row
    for key in column.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
