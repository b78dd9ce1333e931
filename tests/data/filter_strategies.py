"""Random filters and random images that they have a chance to match."""

from __future__ import annotations

from hypothesis import strategies as st

from visionloop.data.query.times import parse_period
from visionloop.data.query.trees import And, Comparison, Filter, LabelCount, Not, Or, Text

WORDS = ["bolt", "nut", "b", "Canon EOS 550D", "100%", "a_b", "c'd", 'e"f', "night", "3", "x\\y"]
KEYS = ["line", "shift", "a key", 'q"k']
NUMBERS = [0.0, 1.0, 2.0, 3.5, 40.0, 640.0]
PATTERNS = ["^b", "o", "t$", "[0-9]+", "x|n"]
GLOBS = ["b*", "*t", "*o*", "a*b", "*"]
DAYS = ["2026-11-29", "2026-11-30", "2026-11-30T12:00"]
ORDERINGS = ["=", "<", "<=", ">", ">="]


def _comparisons(texts: list[str], numbers: list[str]) -> st.SearchStrategy[Filter]:
    """Comparisons over text fields and number fields."""
    words = st.sampled_from(WORDS)
    field = st.sampled_from(texts)
    return st.one_of(
        st.builds(Comparison, field, st.just("="), st.one_of(st.none(), words)),
        st.builds(Comparison, field, st.just("~"), st.sampled_from(PATTERNS)),
        st.builds(Comparison, field, st.just("like"), st.sampled_from(GLOBS)),
        st.builds(
            Comparison,
            st.sampled_from(numbers),
            st.sampled_from(ORDERINGS),
            st.sampled_from(NUMBERS),
        ),
        st.builds(Comparison, st.sampled_from(numbers), st.just("="), st.none()),
    )


def _keyed() -> st.SearchStrategy[Filter]:
    fields = st.sampled_from(["metadata", "attribute"])
    keys = st.sampled_from(KEYS)
    texts = st.one_of(
        st.builds(Comparison, fields, st.just("="), st.sampled_from(WORDS), keys),
        st.builds(Comparison, fields, st.just("="), st.none(), keys),
        st.builds(Comparison, fields, st.just("~"), st.sampled_from(PATTERNS), keys),
        st.builds(Comparison, fields, st.just("like"), st.sampled_from(GLOBS), keys),
        st.builds(
            Comparison, st.just("exif"), st.just("="), st.sampled_from(WORDS), st.just("ISO")
        ),
    )
    numbers = st.builds(
        Comparison,
        st.sampled_from(["metadata", "attribute", "exif"]),
        st.sampled_from(["<", "<=", ">", ">="]),
        st.sampled_from(NUMBERS),
        st.just("ISO"),
    )
    scores = st.builds(
        Comparison,
        st.just("score"),
        st.sampled_from(ORDERINGS),
        st.sampled_from(NUMBERS),
        st.just("quality"),
    )
    return st.one_of(texts, numbers, scores)


def _times() -> st.SearchStrategy[Filter]:
    return st.builds(
        Comparison,
        st.sampled_from(["captured", "created", "annotated"]),
        st.sampled_from(ORDERINGS),
        st.sampled_from([parse_period(day) for day in DAYS]),
    )


def _nested(leaves: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    def grow(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
        several = st.lists(parts, min_size=2, max_size=3).map(tuple)
        positive = parts.filter(lambda part: not isinstance(part, Not))
        return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(Not, positive))

    return st.recursive(leaves, grow, max_leaves=6)


def filters() -> st.SearchStrategy[Filter]:
    """Trees as the parser makes them."""
    labels = _nested(
        _comparisons(["category", "kind", "source", "annotator", "reviewer"], ["score"])
    )
    counts = st.builds(
        LabelCount,
        st.one_of(st.none(), labels),
        st.sampled_from(ORDERINGS),
        st.integers(0, 3),
    )
    plain = _comparisons(
        ["name", "uri", "camera", "group", "split", "status", "label", "tag", "annotator"],
        ["width", "luminance_mean", "num_annotations"],
    )
    search = st.builds(Text, st.sampled_from([word.casefold() for word in WORDS]))
    return _nested(st.one_of(plain, _keyed(), _times(), counts, search))
