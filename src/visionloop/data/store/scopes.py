"""Where to look for the images of a filter when they are counted: all, a lead, or a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from visionloop.data.query.trees import EVERYTHING, Filter
from visionloop.data.store.conditions import Condition, condition_of
from visionloop.data.store.fact_tables import image_facts
from visionloop.data.store.leads import EXACT_LIMIT, count_up_to, find_lead
from visionloop.storage.database import Transaction

SAMPLE: Final = 8_000
_DIGITS: Final = 15
# So many hits are within a tenth of the truth.
_SURE: Final = 400
_facts = image_facts.c


@dataclass(frozen=True)
class Scope:
    """The images to count.

    Attributes:
        source: holds ``image_facts``.
        share: of the project's images that ``source`` holds, in (0, 1]; less than 1 in a sample.
    """

    source: sa.FromClause
    condition: Condition
    share: float = 1.0

    @property
    def is_exact(self) -> bool:
        """Whether counts in this scope are true counts."""
        return self.share == 1.0

    def scaled(self, number: int) -> int:
        """Turn a count of this scope into one of the project."""
        if self.is_exact:
            return number
        whole = round(number / self.share)
        digits = 2 if number >= _SURE else 1  # what the sample vouches for
        return round(whole, -max(0, len(str(whole)) - digits))


def find_scope(tx: Transaction, project: str, tree: Filter, *, exact: bool = False) -> Scope:
    """Return the smallest scope that answers for a filter.

    A project of more than ``EXACT_LIMIT`` images is sampled, unless a condition of the filter
    leaves fewer candidates than that, or ``exact`` asks for all the time it takes.
    """
    own = _facts.project == project
    lead = find_lead(tx, project, tree)
    if lead is not None:
        source = lead.join(image_facts, _facts.seq == lead.c.seq)
        return Scope(source, condition_of(tree))
    is_small = count_up_to(tx, sa.select(_facts.seq).where(own)) <= EXACT_LIMIT
    if exact or is_small or tree == EVERYTHING:
        return Scope(image_facts, sa.and_(own, condition_of(tree)))
    return sample_scope(tx, project, tree, SAMPLE)


def sample_scope(tx: Transaction, project: str, tree: Filter, size: int) -> Scope:
    """Return the images with the lowest ids; an id is a digest, so they are a random sample."""
    near = (
        sa.select(_facts.seq.label("near_seq"), _facts.id.label("near_id"))
        .where(_facts.project == project)
        .order_by(_facts.id)
        .limit(size)
        .subquery("near")
    )
    last = tx.execute(sa.select(sa.func.max(near.c.near_id))).scalar_one()
    share = int(last[:_DIGITS], 16) / 16**_DIGITS
    source = near.join(image_facts, _facts.seq == near.c.near_seq)
    return Scope(source, condition_of(tree), share)
