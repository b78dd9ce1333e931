"""What the routes about choosing images take and give."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class FieldOut(_Schema):
    """Something that filters can ask about."""

    name: str
    kind: str = Field(description="text, number, time, keyed or set")
    meaning: str
    example: str
    sortable: bool


class FieldList(_Schema):
    """The language of filters."""

    items: list[FieldOut]
    label_fields: list[FieldOut] = Field(description="Inside labels(...)")
    aliases: dict[str, str]


class FilterCheckOut(_Schema):
    """A filter that was understood, in its canonical form."""

    filter: str


class FacetValueOut(_Schema):
    """A value and the number of images that have it."""

    value: str | None
    count: int


class FacetOut(_Schema):
    """How many images have each value of a field, the most frequent first."""

    field: str
    values: list[FacetValueOut]
    is_exact: bool = Field(description="False where counts are estimated from a sample")


class FacetList(_Schema):
    """Counts of several fields."""

    items: list[FacetOut]


class HistogramOut(_Schema):
    """How a number is spread over images; there is one more edge than there are counts."""

    field: str
    edges: list[float]
    counts: list[int]
    num_missing: int
    is_exact: bool


class SelectionIn(_Schema):
    """Images by id, or all that a filter chooses; an empty filter chooses every image."""

    image_ids: list[str] | None = Field(default=None, max_length=100_000)
    filter: str | None = Field(default=None, max_length=4000)

    @model_validator(mode="after")
    def _one_of_both(self) -> SelectionIn:
        if (self.image_ids is None) == (self.filter is None):
            raise ValueError("give either image_ids or filter")
        return self


class TagChangeIn(_Schema):
    """Which tags to put on and take off which images."""

    selection: SelectionIn
    add: list[str] = Field(default_factory=list, max_length=50)
    remove: list[str] = Field(default_factory=list, max_length=50)


class BulkExcludeIn(_Schema):
    """Which images to take out of future versions, and why."""

    selection: SelectionIn
    reason: str = Field(default="", max_length=500)


class BulkRestoreIn(_Schema):
    """Which excluded images to bring back."""

    selection: SelectionIn


class BulkChangeOut(_Schema):
    """What a bulk action met and did; doing it again changes nothing."""

    num_images: int
    num_changed: int


class TagList(_Schema):
    """The tags of a project, with the number of images that have each."""

    items: list[FacetValueOut]


class ViewSave(_Schema):
    """A way to look at images."""

    filter: str = Field(default="", max_length=4000)
    sort: str = Field(default="created", max_length=60)
    columns: list[str] = Field(default_factory=list, max_length=50)
    shared: bool = Field(default=False, description="Everybody in the project sees it")


class ViewOut(_Schema):
    """A saved way to look at images."""

    name: str
    filter: str
    sort: str
    columns: list[str]
    shared: bool
    created_by: str
    created_at: datetime
    updated_at: datetime


class ViewList(_Schema):
    """The views that the caller sees."""

    items: list[ViewOut]
