"""Flaws of annotation files, counted by kind so that a report stays readable."""

from __future__ import annotations

from typing import Final

_EXAMPLES: Final = 5


class Findings:
    """Counts flaws of one kind and keeps a few examples, so that a report stays readable."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def add(self, flaw: str, example: str = "", *, count: int = 1) -> None:
        """Note one case of a flaw, or several of which one is named."""
        self._counts[flaw] = self._counts.get(flaw, 0) + count
        examples = self._found.setdefault(flaw, [])
        if example and example not in examples and len(examples) < _EXAMPLES:
            examples.append(example)

    def extend(self, other: Findings) -> None:
        """Take in what another list has noted."""
        for flaw, count in other._counts.items():
            self._counts[flaw] = self._counts.get(flaw, 0) + count
            examples = self._found.setdefault(flaw, [])
            more = [example for example in other._found[flaw] if example not in examples]
            examples.extend(more[: _EXAMPLES - len(examples)])

    def clear(self) -> None:
        """Forget everything, before a set is read again."""
        self._found.clear()
        self._counts.clear()

    def count(self, flaw: str) -> int:
        """Return how often a flaw was noted."""
        return self._counts.get(flaw, 0)

    def lines(self) -> tuple[str, ...]:
        """One sentence for each kind of flaw."""
        return tuple(self._line(flaw) for flaw in self._counts)

    def _line(self, flaw: str) -> str:
        count, examples = self._counts[flaw], self._found[flaw]
        if not examples:
            return flaw if count == 1 else f"{flaw} ({count} times)"
        more = ", ..." if len(examples) == _EXAMPLES and count > _EXAMPLES else ""
        return f"{flaw}: {count} ({', '.join(examples)}{more})"
