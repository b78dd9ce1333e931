"""From the text of a filter to its tree.

expression = conjunction {"or" conjunction}      conjunction = factor {"and" factor}
factor     = "not" factor | "(" expression ")" | condition
condition  = FIELD[.KEY] operator value | FIELD "in" "(" value {"," value} ")"
           | "labels" "(" expression ")" [comparison NUMBER] | words to search
value      = words | "quoted" | none
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from visionloop.data.query.errors import FilterInvalid
from visionloop.data.query.fields import ALIASES, FIELDS, LABEL_FIELDS, Field, nearest
from visionloop.data.query.times import parse_period
from visionloop.data.query.trees import (
    EVERYTHING,
    ORDERINGS,
    And,
    Comparison,
    Filter,
    LabelCount,
    Not,
    Operator,
    Or,
    Text,
    Value,
    both,
)

MAX_LENGTH: Final = 4000
MAX_DEPTH: Final = 30

_SPACE: Final = re.compile(r"\s*")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'', re.DOTALL)
_FIELD: Final = re.compile(r"([A-Za-z_]\w*)(?:\.(?:\"((?:[^\"\\]|\\.)+)\"|([^\s\"'()=!<>~:,]+)))?")
_OPERATOR: Final = re.compile(r"!=|!~|<=|>=|=|<|>|~|:")
_IN: Final = re.compile(r"in\s*(?=\()", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\s(),\"]+")
_SEARCHED: Final = re.compile(r"[^\s(),\"=<>~!:]+")
_START: Final = re.compile(r"([A-Za-z_]\w*)(\.[^\s=!<>~:()\"]+)?\s*(!=|!~|<=|>=|=|<|>|~|:)")
_LABELS: Final = re.compile(r"labels\s*\(", re.IGNORECASE)
_KEYWORD: Final = re.compile(r"(and|or|not)(?![^\s()])", re.IGNORECASE)


def parse_filter(text: str) -> Filter:
    """Parse a filter, for example ``label:bolt and luminance_mean < 40 and not tag:blurry``.

    Raises:
        FilterInvalid: it breaks the grammar or names an unknown field; says where and what is
            probably meant.
    """
    if len(text) > MAX_LENGTH:
        raise FilterInvalid(text[:80] + "...", f"it is longer than {MAX_LENGTH} characters")
    if "\x00" in text or (not text.isascii() and _has_half_characters(text)):
        raise FilterInvalid(repr(text), "it holds characters that no text can hold")
    return _Parser(text).parse()


def parse_filters(texts: Sequence[str]) -> Filter:
    """Parse several filters that must all hold.

    Raises:
        FilterInvalid: one of them does not parse.
    """
    return both(*(parse_filter(text) for text in texts))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.fields: Mapping[str, Field] = FIELDS

    def parse(self) -> Filter:
        self._skip()
        if self.at == len(self.text):
            return EVERYTHING
        tree = self._expression()
        if self.at < len(self.text):
            raise self._error(f"expected 'and', 'or' or the end, found {self._rest()!r}")
        return tree

    def _expression(self) -> Filter:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._error(f"it nests deeper than {MAX_DEPTH} levels")
        parts = [self._conjunction()]
        while self._keyword("or"):
            parts.append(self._conjunction())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _conjunction(self) -> Filter:
        parts = [self._factor()]
        while self._keyword("and"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _factor(self) -> Filter:
        negated = 0
        while self._keyword("not"):
            negated += 1
        if self._symbol("("):
            tree = self._expression()
            self._close()
        else:
            tree = self._condition()
        return Not(tree) if negated % 2 else tree

    def _condition(self) -> Filter:
        block = _LABELS.match(self.text, self.at)
        if block is not None and self.fields is FIELDS:
            self._move(block.end())
            return self._label_count()
        found = _FIELD.match(self.text, self.at)
        if found is not None:
            after = self._after_space(found.end())
            if operator := _OPERATOR.match(self.text, after):
                field, key = self._field(found)
                self._move(operator.end())
                return self._comparison(field, key, operator.group())
            if (inside := _IN.match(self.text, after)) and after > found.end():
                field, key = self._field(found)
                self._move(inside.end() + 1)
                return self._choices(field, key)
        return self._search()

    def _label_count(self) -> Filter:
        where = None
        if not self._symbol(")"):
            self.fields = LABEL_FIELDS
            where = self._expression()
            self._close()
            self.fields = FIELDS
        operator = _OPERATOR.match(self.text, self.at)
        if operator is None:
            return LabelCount(where, ">=", 1)
        begin = self.at
        self._move(operator.end())
        text, _ = self._value()
        symbol = "=" if operator.group() == ":" else operator.group()
        if not text.isdigit() or symbol not in ("=", "!=", *ORDERINGS):
            raise self._error("a number of labels is compared as in 'labels(...) >= 2'", begin)
        count = int(text)
        if symbol == "!=":
            return Not(LabelCount(where, "=", count))
        return LabelCount(where, _as_operator(symbol), count)

    def _choices(self, field: Field, key: str | None) -> Filter:
        parts = [self._equal(field, key)]
        while self._symbol(","):
            parts.append(self._equal(field, key))
        self._close()
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _equal(self, field: Field, key: str | None) -> Filter:
        begin = self.at
        text, quoted = self._value()
        return self._leaf(field, key, "=", (text, quoted, begin))

    def _comparison(self, field: Field, key: str | None, symbol: str) -> Filter:
        begin = self.at
        if symbol in ("~", "!~"):
            tree: Filter = Comparison(field.name, "~", self._expression_text(field), key)
            return Not(tree) if symbol == "!~" else tree
        text, quoted = self._value()
        operator = _as_operator("=" if symbol in (":", "!=") else symbol)
        tree = self._leaf(field, key, operator, (text, quoted, begin))
        return Not(tree) if symbol == "!=" else tree

    def _leaf(
        self, field: Field, key: str | None, operator: Operator, written: tuple[str, bool, int]
    ) -> Comparison:
        text, quoted, begin = written
        if text.lower() == "none" and not quoted:
            if operator != "=":
                raise self._error("'none' is compared with = or != only", begin)
            return Comparison(field.name, "=", None, key)
        if operator in ORDERINGS and field.kind in ("text", "set"):
            raise self._error(f"{field.name!r} is text and knows =, != and ~, not <", begin)
        if "*" in text and not _is_number(field) and field.kind != "time" and not quoted:
            return Comparison(field.name, "like", text, key)
        return Comparison(field.name, operator, self._typed(field, operator, text, begin), key)

    def _typed(self, field: Field, operator: Operator, text: str, begin: int) -> Value:
        if _is_number(field) or (field.kind == "keyed" and operator in ORDERINGS):
            try:
                number = float(text)
            except ValueError:
                number = math.nan
            if not math.isfinite(number):
                raise self._error(f"{field.name!r} is compared with a number, not {text!r}", begin)
            return number
        if field.kind == "time":
            period = parse_period(text)
            if period is None:
                example = "2026-11-30 or 2026-11-30T12:00"
                raise self._error(f"{text!r} is no time; write {example}", begin)
            return period
        return text

    def _expression_text(self, field: Field) -> str:
        begin = self.at
        if _is_number(field) or field.kind == "time":
            raise self._error(f"{field.name!r} is no text; ~ compares text", begin)
        quoted = _QUOTED.match(self.text, self.at)
        if quoted is not None:
            pattern = _unquote(quoted)
            self._move(quoted.end())
        else:
            end = _regex_end(self.text, self.at)
            pattern = self.text[self.at : end]
            self._move(end)
        if not pattern:
            raise self._error("there is no regular expression after ~", begin)
        try:
            re.compile(pattern)
        except re.error as error:
            raise self._error(f"the regular expression is wrong ({error})", begin) from error
        return pattern

    def _field(self, found: re.Match[str]) -> tuple[Field, str | None]:
        begin, key = found.start(), found.group(3)
        if found.group(2) is not None:
            key = _unescape(found.group(2))
        name = found.group(1)
        if name not in self.fields and self.fields is FIELDS:
            name = ALIASES.get(name.lower(), name.lower())
        field = self.fields.get(name)
        if field is None:
            raise self._unknown(found.group(1), begin)
        if field.kind == "keyed" and key is None:
            raise self._error(f"{name!r} needs a key, as in {field.example!r}", begin)
        if field.kind != "keyed" and key is not None:
            raise self._error(f"{name!r} has no keys", begin)
        if name == "exif" and key is not None and not re.fullmatch(r"\w+", key):
            raise self._error(f"{key!r} is no EXIF tag; write it as in {field.example!r}", begin)
        return field, key

    def _unknown(self, name: str, begin: int) -> FilterInvalid:
        known = [*self.fields, *(ALIASES if self.fields is FIELDS else ())]
        meant = nearest(name, known)
        hint = f"did you mean {meant!r}?" if meant else f"known are {', '.join(self.fields)}"
        return self._error(f"there is no field {name!r}; {hint}", begin, suggestion=meant)

    def _search(self) -> Filter:
        quoted = _QUOTED.match(self.text, self.at)
        if quoted is not None:
            self._move(quoted.end())
            return Text(_unquote(quoted).casefold())
        words = self._words()
        if not words:
            found = repr(self._rest()) if self.at < len(self.text) else "the end"
            raise self._error(f"expected a condition such as 'label:bolt', found {found}")
        return both(*(Text(word.casefold()) for word in words.split()))

    def _value(self) -> tuple[str, bool]:
        quoted = _QUOTED.match(self.text, self.at)
        if quoted is not None:
            self._move(quoted.end())
            return _unquote(quoted), True
        words = self._words(is_value=True)
        if not words:
            raise self._error(
                "a value is missing; write none for 'no value' and \"\" around others"
            )
        return words, False

    def _words(self, *, is_value: bool = False) -> str:
        """Take words up to a keyword, a bracket, a comma or the next condition."""
        begin = end = self.at
        pattern = _WORD if is_value else _SEARCHED
        while word := pattern.match(self.text, self.at):
            first = begin == self.at
            if not (first and is_value):
                if _KEYWORD.match(self.text, self.at):
                    break
                start = _START.match(self.text, self.at)
                if start and (start.group(1).lower() in self.fields or start.group(1) in ALIASES):
                    if first:
                        break
                    raise self._error(f"put 'and' or 'or' before {start.group(1)!r}")
            end = word.end()
            self._move(end)
        return self.text[begin:end]

    def _keyword(self, word: str) -> bool:
        found = _KEYWORD.match(self.text, self.at)
        if found is None or found.group(1).lower() != word:
            return False
        self._move(found.end())
        return True

    def _symbol(self, symbol: str) -> bool:
        if not self.text.startswith(symbol, self.at):
            return False
        self._move(self.at + len(symbol))
        return True

    def _close(self) -> None:
        if not self._symbol(")"):
            found = repr(self._rest()) if self.at < len(self.text) else "the end"
            raise self._error(f"expected ')', found {found}")

    def _move(self, position: int) -> None:
        self.at = self._after_space(position)

    def _skip(self) -> None:
        self._move(self.at)

    def _after_space(self, position: int) -> int:
        found = _SPACE.match(self.text, position)
        return found.end() if found else position

    def _rest(self) -> str:
        return self.text[self.at : self.at + 20]

    def _error(
        self, reason: str, position: int | None = None, *, suggestion: str | None = None
    ) -> FilterInvalid:
        place = self.at if position is None else position
        return FilterInvalid(self.text, reason, position=place, suggestion=suggestion)


def _is_number(field: Field) -> bool:
    return field.kind == "number" or (field.name == "score" and field.kind == "keyed")


def _has_half_characters(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _as_operator(symbol: str) -> Operator:
    known: Mapping[str, Operator] = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
    return known[symbol]


def _unquote(found: re.Match[str]) -> str:
    inner = found.group(1) if found.group(1) is not None else found.group(2)
    return _unescape(inner)


def _unescape(text: str) -> str:
    # Other backslashes stay, so that a quoted regular expression reads as an unquoted one.
    return re.sub(r"\\([\\\"'])", r"\1", text)


def _regex_end(text: str, start: int) -> int:
    """Find where a bare regular expression ends: at a space, or a bracket that it did not open."""
    depth, at = 0, start
    while at < len(text) and not text[at].isspace():
        if text[at] == "\\":
            at += 1
        elif text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if depth < 0:
                break
        at += 1
    return min(at, len(text))
