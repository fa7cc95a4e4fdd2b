"""What a person chooses about taxes, and what follows from their country."""

from datetime import date
from typing import Any

import pytest

from shared.kernel.errors import InvalidValue
from shared.kernel.ids import Kind
from shared.platform import keys
from shared.platform.outbox import Facts
from shared.platform.tables import Database, Table
from shared.portfolio.lots import LotMethod
from shared.portfolio.store import PortfolioStore
from shared.taxes.errors import TaxSettingsChanged
from shared.taxes.model import Taxation, TaxSettings, Wishes, check_wishes, taxation_of
from shared.taxes.regimes import NO_REGIME, named, regime_of, regimes
from shared.taxes.service import TaxService
from shared.taxes.store import TaxStore, residence, residence_from, settings_from

TODAY = date(2026, 3, 2)
HIFO = Wishes(LotMethod.HIFO, 2_400, 1_500)


@pytest.fixture
def amina(ids: Any) -> str:
    return str(ids.new(Kind.USER))


@pytest.fixture
def taxes(database: Database, facts: Facts, clock: Any) -> TaxService:
    return TaxService(TaxStore(database), facts, clock, lambda attempt: None)


def test_the_law_of_a_country_is_data_with_a_source_and_a_day() -> None:
    assert all(row.source and row.valid_from for row in regimes())
    assert len({(row.country, row.valid_from) for row in regimes()}) == len(regimes())
    usa = regime_of("USA", TODAY)
    assert (usa.short_bp, usa.long_bp, usa.wash_days) == (3_700, 2_000, 30)
    assert regime_of("USA", date(2001, 1, 1)) == usa
    assert regime_of("KEN", TODAY).silent


@pytest.mark.parametrize("country", [None, "", "UGA", "DEU"])
def test_where_no_law_is_known_nothing_is_guessed(country: str | None) -> None:
    assert regime_of(country, TODAY) is NO_REGIME
    assert taxation_of(Wishes(), NO_REGIME) == Taxation(LotMethod.FIFO, 0, 0, 0)


def test_of_a_country_only_that_is_kept_in_the_clear_which_changes_an_estimate() -> None:
    assert [named(each) for each in ("USA", "KEN", "DEU", None)] == ["USA", "", "", ""]


def test_wishes_come_before_the_country_and_never_before_its_wash_sales() -> None:
    usa = regime_of("USA", TODAY)
    assert taxation_of(Wishes(short_bp=0), usa) == Taxation(LotMethod.FIFO, 0, 2_000, 30)
    assert taxation_of(HIFO, usa) == Taxation(LotMethod.HIFO, 2_400, 1_500, 30)


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        (Wishes(short_bp=-1), "shortTermBp"),
        (Wishes(long_bp=10_001), "longTermBp"),
        (Wishes(LotMethod.MIN_TAX), "lotMethod"),
    ],
)
def test_a_wish_that_means_nothing_changes_nothing(
    taxes: TaxService, amina: str, database: Database, wishes: Wishes, field: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        taxes.change(amina, "", wishes)
    assert refused.value.values["field"] == field
    assert database.query(Table.CORE, keys.user(amina), "A", "~").items == ()


def test_lots_by_tax_need_a_rate_of_the_person_or_of_the_country() -> None:
    check_wishes(Wishes(LotMethod.MIN_TAX), regime_of("USA", TODAY))
    check_wishes(Wishes(LotMethod.MIN_TAX, 0, 10_000), NO_REGIME)


def test_settings_are_kept_by_version_and_read_with_the_state(
    taxes: TaxService, amina: str, database: Database
) -> None:
    first = taxes.change(amina, "", HIFO, version=0)
    assert first == TaxSettings(amina, HIFO, 1)
    # The same again is success, whatever was read.
    assert taxes.change(amina, "", HIFO, version=0) == first
    back = taxes.change(amina, "", Wishes(), version=1)
    assert back == TaxSettings(amina, Wishes(), 2)
    assert settings_from(amina, PortfolioStore(database).state(amina).taxes) == back
    kept = database.query(Table.CORE, keys.user(amina), keys.TAX_CHOICES, f"{keys.TAX_CHOICES}~")
    assert [item.sk[-1] for item in kept.items] == ["1", "2"]


def test_settings_that_somebody_else_changed_are_read_again_first(
    taxes: TaxService, amina: str
) -> None:
    taxes.change(amina, "", HIFO)
    with pytest.raises(TaxSettingsChanged) as refused:
        taxes.change(amina, "", Wishes(LotMethod.LIFO), version=0)
    assert refused.value.values == {"version": 1}
    assert taxes.change(amina, "", HIFO).version == 1


def test_the_residence_is_read_with_the_state_and_is_nobody_elses(
    taxes: TaxService, amina: str, ids: Any, database: Database, facts: Facts
) -> None:
    facts.commit([residence(amina, "USA")])
    states = PortfolioStore(database)
    assert residence_from(states.state(amina).taxes) == "USA"
    assert residence_from(states.state(ids.new(Kind.USER)).taxes) == ""
    facts.commit([residence(amina, "")])
    assert regime_of(residence_from(states.state(amina).taxes), TODAY) is NO_REGIME
