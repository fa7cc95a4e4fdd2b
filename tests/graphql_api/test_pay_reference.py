"""How a person pays in from the menu of a phone, through the endpoint."""

from collections.abc import Callable
from typing import Any

from graphql_api.application import Application
from shared.payments.paybill_accounts import OwnReferenceRow, read_account_number
from tests.graphql_api.money_out import named

ASK = "{ viewer { payReference { paybill account } } }"


def asked(client: Any) -> Any:
    return client.graphql(ASK).data["viewer"]["payReference"]


def may_pay_in(app: Application, client: Any) -> None:
    """Approved, and with an answered questionnaire."""
    named(app, client)
    app.facts.commit([app.users.set_risk_score(client.user_id, 3, "2026-1")])


def test_everybody_who_may_pay_in_has_one_account_number(
    app: Application, join: Callable[[str], Any]
) -> None:
    amina, baraka = join("amina@example.com"), join("baraka@example.com")
    may_pay_in(app, amina)
    may_pay_in(app, baraka)
    first = asked(amina)
    assert first["paybill"] == "174379"
    assert read_account_number(first["account"]) == first["account"]
    assert asked(amina) == first
    assert asked(baraka)["account"] != first["account"]


def test_nobody_has_one_before_they_may_pay_in(app: Application, amina: Any) -> None:
    assert asked(amina) is None
    assert app.database.get(OwnReferenceRow, f"USER#{amina.user_id}", "PAYREF") is None
