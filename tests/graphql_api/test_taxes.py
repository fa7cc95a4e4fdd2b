"""Taxes as a person asks for them: settings, previews that follow them, and a year's gains."""

from datetime import date, timedelta
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.platform import keys
from shared.platform.tables import Table
from shared.portfolio.lots import Lot
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.taxes.disposals import Disposal, DisposalKind
from shared.taxes.rows import key_of, sold
from tests.graphql_api.steps import approved
from tests.graphql_api.test_previews import priced

SHARE = 10**9
FIELDS = """version lotMethod shortTermBp longTermBp chosenLotMethod chosenShortTermBp
  chosenLongTermBp washSaleDays country source"""
CHANGE = f"""mutation($i: UpdateTaxSettingsInput!) {{ updateTaxSettings(input: $i) {{
  ... on TaxSettingsPayload {{ settings {{ {FIELDS} }} }}
  ... on UserError {{ code message }} ... on InvalidInputError {{ field }} }} }}"""
TOTALS = "{ proceeds { amount } gain { amount } disallowed { amount } taxable { amount } }"
GAINS = f"""query($y: Int!, $n: Int! = 20, $a: Cursor) {{
  realisedGains(year: $y, first: $n, after: $a) {{
    ... on RealisedGains {{ year csv unitemised {{ amount }}
      shortTerm {TOTALS} longTerm {TOTALS} total {TOTALS}
      lines {{ nodes {{ symbol acquired sold term quantity gain {{ amount }}
        adjustedBasis {{ amount }} disallowed {{ amount }} }}
        pageInfo {{ hasNextPage endCursor }} }} }}
    ... on UserError {{ code message }} ... on InvalidInputError {{ field }} }} }}"""
PREVIEW = """{ withdrawalPreview(amount: "500.00") { ... on PlanPreview { orders { symbol
  gain { shortTerm { amount } longTerm { amount } tax { amount } washSale { amount } } } } } }"""


def settings_of(person: Any) -> Any:
    return person.graphql(f"{{ taxSettings {{ {FIELDS} }} }}").data["taxSettings"]


def change(person: Any, **wishes: Any) -> Any:
    return person.graphql(CHANGE, {"i": wishes}).data["updateTaxSettings"]


def american(person: Any) -> None:
    answer = person.graphql(
        "mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }",
        {"i": {"taxCountry": "USA"}},
    )
    assert answer.data["updateProfile"]["__typename"] == "UpdateProfilePayload"


def test_where_one_pays_taxes_says_by_what_law_and_nothing_else_is_in_the_clear(
    amina: Any, app: Application
) -> None:
    before = settings_of(amina)
    assert (before["country"], before["shortTermBp"], before["washSaleDays"]) == (None, 0, 0)
    american(amina)
    after = settings_of(amina)
    assert (after["country"], after["shortTermBp"], after["longTermBp"]) == ("USA", 3_700, 2_000)
    assert (after["washSaleDays"], after["lotMethod"], after["version"]) == (30, "FIFO", 0)
    assert after["source"].startswith("26 USC 1222")
    # Another country without a row: the law that was followed is forgotten.
    answer = amina.graphql(
        "mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }",
        {"i": {"taxCountry": "DEU"}},
    )
    assert answer.data["updateProfile"]["__typename"] == "UpdateProfilePayload"
    assert settings_of(amina)["country"] is None
    state = app.database.query(Table.CORE, keys.user(amina.user_id), keys.TAXES, f"{keys.TAXES}~")
    assert "DEU" not in repr([dict(item.attributes) for item in state.items])


def test_a_choice_is_kept_and_can_be_given_back(amina: Any) -> None:
    chosen = change(amina, version=0, lotMethod="HIFO", longTermBp=1_500)["settings"]
    assert (chosen["version"], chosen["lotMethod"], chosen["chosenLotMethod"]) == (
        1,
        "HIFO",
        "HIFO",
    )
    assert (chosen["longTermBp"], chosen["shortTermBp"], chosen["chosenShortTermBp"]) == (
        1_500,
        0,
        None,
    )
    assert settings_of(amina) == chosen
    stale = change(amina, version=0, lotMethod="LIFO")
    assert stale["code"] == "TAX_SETTINGS_CHANGED"
    back = change(amina, version=1)["settings"]
    assert (back["version"], back["lotMethod"], back["chosenLotMethod"]) == (2, "FIFO", None)


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"shortTermBp": 10_001}, "shortTermBp"),
        ({"longTermBp": -1}, "longTermBp"),
        ({"lotMethod": "MIN_TAX"}, "lotMethod"),
    ],
)
def test_a_wish_that_means_nothing_is_refused_by_field(amina: Any, wishes: Any, field: str) -> None:
    refused = change(amina, **wishes)
    assert (refused["code"], refused["field"]) == ("INVALID_VALUE", field)
    assert settings_of(amina)["version"] == 0


def test_a_preview_follows_the_settings_of_its_person(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    american(amina)
    priced(app, clock)
    approved(app, amina)
    today = clock.now().date()
    lots = (
        Lot(today - timedelta(days=200), "00001", 10 * SHARE, 80_000),
        Lot(today - timedelta(days=20), "00002", 10 * SHARE, 120_000),
    )
    position = Position(amina.user_id, "MTUM", 20 * SHARE, 200_000, lots=lots)
    app.facts.commit([PortfolioStore(app.database).save(position)])

    def gain() -> Any:
        (order,) = amina.graphql(PREVIEW).data["withdrawalPreview"]["orders"]
        return {name: each["amount"] for name, each in order["gain"].items()}

    # 5.0125 shares at 100.00, of the oldest lot: 20.00 gained a share.
    assert gain() == {
        "shortTerm": "100.25",
        "longTerm": "0.00",
        "tax": "37.09",
        "washSale": "0.00",
    }
    assert change(amina, lotMethod="HIFO")["settings"]["lotMethod"] == "HIFO"
    # Of the dearest, at a loss: the 4.9875 shares that stay of it were bought less than thirty days
    # before. Only 50 cents save tax.
    assert gain() == {
        "shortTerm": "-100.25",
        "longTerm": "0.00",
        "tax": "-0.18",
        "washSale": "99.75",
    }


def sell(app: Application, user_id: str, number: int, day: date, *lots: Lot, brought: int) -> None:
    order = f"ord_t1_01KJQJQA6000000000000000{number:02d}"
    line = Disposal(
        user_id,
        key_of(order),
        day,
        DisposalKind.SALE,
        "MTUM",
        sum(lot.nanos for lot in lots),
        brought,
        lots,
    )
    app.facts.commit(sold(line, None))


def test_a_years_gains_are_read_page_by_page_and_as_a_table(amina: Any, app: Application) -> None:
    american(amina)
    for number in range(3):
        lot = Lot(date(2024, 1, 8 + number), f"0000{number}", SHARE, 10_000)
        sell(app, amina.user_id, number, date(2025, 6, 2 + number), lot, brought=11_000)
    sell(
        app,
        amina.user_id,
        9,
        date(2025, 12, 29),
        Lot(date(2025, 9, 1), "00009", 2 * SHARE, 30_000),
        brought=20_000,
    )
    again = Lot(date(2026, 1, 5), "00010", SHARE, 9_000)
    position = Position(amina.user_id, "MTUM", SHARE, 9_000, realised_minor=-7_000, lots=(again,))
    app.facts.commit([PortfolioStore(app.database).save(position)])

    first = amina.graphql(GAINS, {"y": 2025, "n": 3}).data["realisedGains"]
    assert [line["term"] for line in first["lines"]["nodes"]] == ["LONG"] * 3
    assert first["lines"]["pageInfo"]["hasNextPage"] is True
    after = first["lines"]["pageInfo"]["endCursor"]
    rest = amina.graphql(GAINS, {"y": 2025, "n": 3, "a": after}).data["realisedGains"]
    (line,) = rest["lines"]["nodes"]
    assert (line["sold"], line["term"], line["gain"]["amount"]) == (
        "2025-12-29",
        "SHORT",
        "-100.00",
    )
    assert (line["disallowed"]["amount"], rest["lines"]["pageInfo"]["hasNextPage"]) == (
        "50.00",
        False,
    )
    assert first["longTerm"]["gain"]["amount"] == "30.00"
    assert first["shortTerm"]["taxable"]["amount"] == "-50.00"
    assert first["total"]["gain"]["amount"] == "-70.00"
    assert first["unitemised"]["amount"] == "0.00"
    assert first["csv"] == rest["csv"]
    assert first["csv"].count("\r\n") == 5
    other = amina.graphql(GAINS, {"y": 2024}).data["realisedGains"]
    assert (other["lines"]["nodes"], other["total"]["gain"]["amount"]) == ([], "0.00")
    assert other["lines"]["pageInfo"] == {"hasNextPage": False, "endCursor": None}


def test_nobody_sees_the_gains_or_the_settings_of_somebody_else(
    amina: Any, app: Application, join: Any
) -> None:
    american(amina)
    change(amina, lotMethod="LIFO")
    lot = Lot(date(2024, 1, 8), "00001", SHARE, 10_000)
    sell(app, amina.user_id, 1, date(2025, 6, 2), lot, brought=11_000)
    juma = join("juma@example.com")
    assert juma.graphql(GAINS, {"y": 2025}).data["realisedGains"]["lines"]["nodes"] == []
    theirs = settings_of(juma)
    assert (theirs["lotMethod"], theirs["version"], theirs["country"]) == ("FIFO", 0, None)


@pytest.mark.parametrize("year", [1999, 2100, -1])
def test_a_year_of_which_nothing_can_be_known_is_refused(amina: Any, year: int) -> None:
    refused = amina.graphql(GAINS, {"y": year}).data["realisedGains"]
    assert (refused["code"], refused["field"]) == ("INVALID_VALUE", "year")


def test_a_cursor_of_another_list_is_refused(amina: Any) -> None:
    answer = amina.graphql(GAINS, {"y": 2025, "a": "RkVFRCMx"})
    assert "RkVFRCMx" not in repr(answer.body)
    assert (answer.data or {}).get("realisedGains", {}).get("lines") is None
