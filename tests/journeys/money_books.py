"""What the books say about one person's money, account by account."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tools.journey.person import Person

CLEARING = "house:gateway_clearing"
SUSPENSE = "house:suspense"


def balances(person: Person) -> Mapping[str, Decimal]:
    """Sums over the person's whole journal of every account that is not at zero, in whole units
    of its asset; of the house's accounts only what came about through this person."""
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in person.journal():
        for leg in entry["postings"]:
            totals[leg["account"], leg["asset"]] += Decimal(leg["amount"])
    found: dict[str, Decimal] = {}
    for (account, asset), total in totals.items():
        if total:
            # Only the firm's position and suspense hold several assets under one name.
            shared = account in {"house:fx_position", SUSPENSE} or "shares" in account
            name = f"{account}:{asset.partition('/')[0]}" if shared else account
            found[name.replace(person.user_id, "<person>")] = total
    return found


def kinds_of(person: Person, reference: str) -> list[str]:
    """The kinds of the entries about one thing, sorted."""
    return sorted(entry["kind"] for entry in person.journal() if entry["reference"] == reference)


def cash_of(person: Person) -> Mapping[str, Decimal]:
    """Dollars of the main screen, and what is owed (zero or less)."""
    document = """{ viewer { accounts { currency
      balance { amount } available { amount } held { amount } receivable { amount } } } }"""
    accounts: list[Any] = person.client.graphql(document)["accounts"]
    (dollars,) = [one for one in accounts if one["currency"] == "USD"]
    names = ("balance", "available", "held", "receivable")
    return {name: Decimal(dollars[name]["amount"]) for name in names}
