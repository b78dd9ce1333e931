"""Settings are complete, typed and checked."""

from __future__ import annotations

import pytest

from visionloop.training.catalog import list_recipes, parse_config
from visionloop.training.errors import RecipeNotFound, TrainingConfigInvalid


def test_defaults_depend_on_where_training_begins():
    scratch = parse_config("classification", {})
    tuned = parse_config("classification", {"weights": "some/model"})
    warm = parse_config("classification", {"weights": "some/model"}, is_warm_start=True)
    assert scratch.epochs > tuned.epochs > warm.epochs
    assert warm.learning_rate < tuned.learning_rate < scratch.learning_rate


def test_text_from_the_command_line_is_converted():
    config = parse_config(
        "classification",
        {"epochs": "3", "learning_rate": "1e-4", "horizontal_flip": "true", "weights": ""},
    )
    assert (config.epochs, config.learning_rate) == (3, 1e-4)
    assert config.horizontal_flip is True
    assert config.weights is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epoch", 3),
        ("epochs", 2.5),
        ("epochs", True),
        ("epochs", 0),
        ("epochs", "many"),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("augmentation", "wild"),
        ("resize", "stretch"),
        ("freeze_epochs", 31),
        ("horizontal_flip", "maybe"),
        ("batch_size", None),
    ],
)
def test_wrong_settings_are_refused_with_their_name(name: str, value: object):
    with pytest.raises(TrainingConfigInvalid, match=name):
        parse_config("classification", {name: value})


def test_an_unknown_recipe_is_refused():
    with pytest.raises(RecipeNotFound, match="classification"):
        parse_config("astrology", {})


def test_every_setting_is_described_for_forms():
    for recipe in list_recipes():
        kinds = {item.kind for item in recipe.parameters}
        assert kinds == {"text", "integer", "number", "boolean"}, recipe.name
        assert all(item.description for item in recipe.parameters)
