"""Size ratchet: files and functions stay small, and what is too large may only shrink.

Limits are guidance that a reader needs (see CONTRIBUTING.md); what exceeds them today stands in
``size_ratchet.json`` with its size. ``--update`` writes the present sizes, only ever downwards.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RATCHET = Path(__file__).with_name("size_ratchet.json")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
_GENERATED = {"web/src/api/schema.d.ts"}


def measure() -> dict[str, int]:
    """Return every file and function beyond its limit with its number of lines."""
    sizes: dict[str, int] = {}
    for path in _sources():
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text()
        lines = text.count("\n")
        if lines > MAX_FILE_LINES:
            sizes[name] = lines
        if path.suffix == ".py":
            sizes |= {f"{name}:{function}": n for function, n in _long_functions(text)}
    return sizes


def excess(sizes: dict[str, int], allowed: dict[str, int]) -> list[str]:
    """Return one sentence for every size that is new or has grown."""
    return [
        f"{name} has {lines} lines, allowed are {allowed.get(name, _limit(name))}: split it."
        for name, lines in sorted(sizes.items())
        if lines > allowed.get(name, 0)
    ]


def _limit(name: str) -> int:
    return MAX_FUNCTION_LINES if ":" in name else MAX_FILE_LINES


def _sources() -> Iterator[Path]:
    for pattern in ("src/**/*.py", "tests/**/*.py", "bench/**/*.py", "tools/*.py"):
        for path in ROOT.glob(pattern):
            if "migrations/versions" not in path.as_posix():  # written by a program
                yield path
    for path in (ROOT / "web" / "src").rglob("*.ts*"):
        if path.relative_to(ROOT).as_posix() not in _GENERATED:
            yield path


def _long_functions(text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield node.name, lines


def main() -> int:
    """Check, or with ``--update`` lower, the recorded sizes."""
    allowed = json.loads(RATCHET.read_text()) if RATCHET.is_file() else {}
    sizes = measure()
    if "--update" in sys.argv:
        kept = {name: min(n, allowed.get(name, n)) for name, n in sizes.items()}
        RATCHET.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
        return 0
    problems = excess(sizes, allowed)
    stale = sorted(set(allowed) - set(sizes))
    problems += [f"{name} is small again: run tools/check_sizes.py --update." for name in stale]
    print("\n".join(problems) or f"Sizes are fine; {len(sizes)} known exceptions.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
