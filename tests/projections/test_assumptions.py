"""What is assumed of markets: dated, derived from committed prices, and within its limits."""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.market_data.universe import SYMBOLS
from shared.projections.assumptions import AssumptionTable, published, table_of
from shared.projections.history import past_months
from shared.strategies.founding import FOUNDING
from shared.strategies.model import AssetClass, Style, class_of
from tools import projection_data

DAY = date(2026, 3, 2)


def written() -> Any:
    text = resources.files("shared.projections").joinpath("assumptions.json").read_text()
    return json.loads(text)["versions"]


def test_the_committed_files_are_what_the_prices_give() -> None:
    assert projection_data.main(["--check"]) == 0


def test_a_file_that_differs_from_the_prices_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("HISTORY", "ASSUMPTIONS"):
        path: Path = getattr(projection_data, name)
        copy = tmp_path / path.name
        copy.write_text(path.read_text().replace("67184", "67185"))
        monkeypatch.setattr(projection_data, name, copy)
    assert projection_data.main(["--check"]) == 1
    assert "history.json differs" in capsys.readouterr().err
    assert projection_data.main([]) == 0
    assert projection_data.main(["--check"]) == 0


def test_each_asset_of_the_universe_has_assumptions_and_a_history_of_107_months() -> None:
    past, assumed = past_months(), published().on(DAY)
    assert sorted(assumed.assets) == list(SYMBOLS)
    known = {symbol: part for part in past.values() for symbol in part.returns}
    assert sorted(known) == list(SYMBOLS)
    for symbol in SYMBOLS:
        months = past[class_of(symbol)].returns[symbol]
        assert len(months) == 107
    assert (past[AssetClass.EQUITY].first, past[AssetClass.EQUITY].last) == ("2014-02", "2022-12")
    assert (past[AssetClass.BONDS].first, past[AssetClass.BONDS].last) == ("2010-01", "2018-11")


def test_the_numbers_of_an_asset_are_its_months_within_the_limits_of_its_class() -> None:
    assumed = published().on(DAY)
    for symbol in SYMBOLS:
        limit = assumed.limits[class_of(symbol)]
        grown = 1 + np.array(past_months()[class_of(symbol)].returns[symbol]) / 1e6
        mean = grown.mean() ** 12 - 1
        deviation = np.log(grown).std(ddof=1) * np.sqrt(12)
        assert 0 <= min(mean, float(limit.mean)) - float(assumed.assets[symbol].mean) < 1e-4
        found = float(assumed.assets[symbol].deviation)
        assert 0 <= found - max(deviation, float(limit.deviation)) < 1e-4


def test_a_portfolio_swings_less_than_the_sum_of_its_assets() -> None:
    assumed = published().on(DAY)
    for strategy in FOUNDING:
        names = sorted(strategy.weights)
        shares = np.array([strategy.weights[name] / 10_000 for name in names])
        sigma = np.array([float(assumed.assets[name].deviation) for name in names])
        kinds = [class_of(name) for name in names]
        rho = np.array([[0.9 if a is b else 0.0 for a in kinds] for b in kinds])
        np.fill_diagonal(rho, 1)
        variance = (shares * sigma) @ rho @ (shares * sigma)
        found = assumed.of_portfolio(strategy.weights)
        assert float(found.deviation) == pytest.approx(np.sqrt(variance), rel=1e-12)
        assert found.deviation < Decimal(str(shares @ sigma))
        assert float(found.mean) == pytest.approx(
            shares @ [float(assumed.assets[name].mean) for name in names]
        )


def test_a_bolder_strategy_is_assumed_to_bring_more_and_to_swing_more() -> None:
    assumed = published().on(DAY)
    for style in Style:
        found = [assumed.of_portfolio(one.weights) for one in FOUNDING if one.style is style]
        means = [one.mean for one in found]
        swings = [one.deviation for one in found]
        assert means == sorted(set(means))
        assert swings[2:] == sorted(set(swings[2:]))


def test_an_asset_that_is_not_listed_is_assumed_to_be_as_its_class_at_most() -> None:
    assumed = published().on(DAY)
    assert assumed.of_asset("TSLA") == assumed.limits[AssetClass.EQUITY]


def test_a_version_holds_from_its_day_and_the_first_one_before_it() -> None:
    (first,) = written()
    second = deepcopy(first) | {"version": 2, "valid_from": "2027-01-01", "inflation_bp": 300}
    table = table_of([second, first])
    assert [table.on(date(*day)).version for day in ((2025, 1, 1), (2026, 12, 31))] == [1, 1]
    assert (table.on(date(2027, 1, 1)).version, table.on(date(2027, 1, 1)).inflation_bp) == (2, 300)


def without(part: str, name: str) -> dict[str, Any]:
    (version,) = deepcopy(written())
    version[part] = {key: one for key, one in version[part].items() if key != name}
    return {part: version[part]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"inflation_bp": -1},
        {"inflation_bp": 2_001},
        without("limits", "BONDS"),
        {"assets": {"QUAL": {"return_bp": 10_000, "deviation_bp": 1}}},
        {"assets": {"QUAL": {"return_bp": 1, "deviation_bp": -1}}},
    ],
    ids=str,
)
def test_assumptions_that_cannot_be_are_refused(wrong: Mapping[str, Any]) -> None:
    (version,) = written()
    with pytest.raises(ValueError, match=r"."):
        table_of([version | wrong])


def test_two_versions_do_not_begin_on_one_day() -> None:
    (version,) = written()
    for wrong in ([version, version | {"version": 2}], []):
        with pytest.raises(ValueError, match="begins after"):
            table_of(wrong)
    assert len(AssumptionTable(published().versions).versions) == 1
