"""Model portfolios as published data."""

from datetime import UTC, date, datetime

import pytest

from shared.investing.model_rows import model_from, model_key, publish_models
from shared.investing.portfolios import MODELS, ModelPortfolio, current
from shared.market_data.universe import UNIVERSE

TODAY = date(2026, 3, 2)


def test_each_score_has_a_whole_model_of_at_least_five_known_assets() -> None:
    assert [one.score for one in MODELS] == [1, 2, 3, 4, 5]
    for one in MODELS:
        assert sum(one.weights.values()) == 10_000
        assert len(one.weights) >= 5
        assert one.weights.keys() <= UNIVERSE.keys()


def test_a_bolder_score_holds_more_equity() -> None:
    shares = [current(score, TODAY).equity_bp for score in range(1, 6)]
    assert shares == [2000, 4000, 6000, 8000, 9500]


def test_no_model_is_in_force_before_its_date() -> None:
    with pytest.raises(KeyError):
        current(3, date(2025, 12, 31))


def test_weights_that_are_no_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="whole"):
        ModelPortfolio("factor-3", 2, 3, TODAY, {"AAAB": 9_999})


def test_models_are_published_once_and_read_back(database) -> None:
    assert publish_models(database, TODAY) == 10
    assert publish_models(database, TODAY) == 0
    found = database.get_many([model_key("factor-4"), model_key("factor-4", "1")])
    assert [model_from(item) for item in found.values()] == [current(4, TODAY)] * 2


def test_an_older_deployment_does_not_put_an_older_model_in_force(database, monkeypatch) -> None:
    newer = ModelPortfolio("factor-3", 2, 3, TODAY, {"AAAB": 5_000, "QUAL": 5_000})
    with monkeypatch.context() as patch:
        patch.setattr("shared.investing.model_rows.MODELS", (*MODELS, newer))
        patch.setattr("shared.investing.portfolios.MODELS", (*MODELS, newer))
        publish_models(database, TODAY)
    assert publish_models(database, datetime(2026, 3, 3, tzinfo=UTC).date()) == 0
    (item,) = database.get_many([model_key("factor-3")]).values()
    assert model_from(item) == newer
