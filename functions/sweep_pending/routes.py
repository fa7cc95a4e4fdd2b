"""Which check looks after each kind of unfinished thing."""

from collections.abc import Mapping

from shared.platform.sweep import Route
from shared.platform.tables import Item

DEPOSIT_QUEUES = {"payment": "payment-signals", "funding": "funding", "planning": "planning"}
"""Queue by the check that a deposit's row names."""
PAYOUT_QUEUES = {"raise": "raises", "recall": "recalls", "payout": "payouts"}


def _user_id(item: Item) -> str:
    return str(item.attributes["pk"]["S"]).removeprefix("USER#")


def _person(item: Item) -> Mapping[str, str]:
    return {"user_id": _user_id(item)}


def _subject(item: Item, name: str, kind: str) -> Mapping[str, str]:
    """A thing of the feed: its id is made of the person's cell and the ULID in the key."""
    user_id = _user_id(item)
    cell, ulid = user_id.split("_")[1], item.sk.split("#")[1]
    return {"user_id": user_id, name: f"{kind}_{cell}_{ulid}"}


def _plan_of_order(item: Item) -> Mapping[str, str]:
    return {"user_id": _user_id(item), "plan_id": str(item.attributes["plan_id"]["S"])}


def _lapsed(item: Item) -> Mapping[str, str]:
    return {"user_id": _user_id(item), "again": str(item.attributes["plan_id"]["S"])}


def _run(item: Item) -> Mapping[str, str]:
    return _subject(item, "run_id", "run")


def _dispute(item: Item) -> Mapping[str, str]:
    """Its key names its deposit and itself: ``DEPOSIT#<ulid>#DISPUTE#<ulid>``."""
    user_id = _user_id(item)
    cell = user_id.split("_")[1]
    _, deposit, _, dispute = item.sk.split("#")
    return {
        "user_id": user_id,
        "deposit_id": f"dep_{cell}_{deposit}",
        "dispute_id": f"dsp_{cell}_{dispute}",
    }


def _day_of_order(item: Item) -> Mapping[str, str]:
    """A standing order with its next day, or an occurrence, which has its day in its key."""
    place = item.sk.split("#")
    on = str(item.attributes["next_on"]["S"]) if item.kind == "schedule" else place[2]
    return dict(_subject(item, "schedule_id", "sch")) | {"on": on}


def _movement(item: Item) -> Mapping[str, str]:
    return {"movement_id": str(item.attributes["movement_id"]["S"])}


def _receipt(item: Item) -> Mapping[str, str]:
    return {"receipt": str(item.attributes["pk"]["S"]).removeprefix("PAYBILL#")}


def _suspended(item: Item) -> Mapping[str, str]:
    """Its key names it: ``SUSPENSE#<gateway>#<payment>``."""
    _, gateway, payment = str(item.attributes["pk"]["S"]).split("#", 2)
    return {"gateway": gateway, "payment": payment}


def route_of(item: Item) -> Route | None:
    """The route of an unfinished item; None for a kind that has none."""
    if item.kind == "deposit":
        check = str(item.attributes["check"]["S"])
        return Route(DEPOSIT_QUEUES[check], check, lambda row: _subject(row, "deposit_id", "dep"))
    if item.kind == "payout":
        check = str(item.attributes["check"]["S"])
        return Route(PAYOUT_QUEUES[check], check, lambda row: _subject(row, "payout_id", "pay"))
    if item.kind == "order":
        return Route("execution", "execution", _plan_of_order)
    if item.kind == "lapse":
        return Route("planning", "planning", _lapsed)
    if item.kind == "management_fee":
        return Route("fees", "fee", lambda row: _subject(row, "charge_id", "fee"))
    if item.kind == "rebalance_run":
        return Route("rebalances", "rebalance", _run)
    if item.kind == "corporate_action":
        check = "corporate_action"
        return Route("corporate-actions", check, lambda row: _subject(row, "action_id", "act"))
    if item.kind == "dispute":
        return Route("disputes", "dispute", _dispute)
    if item.kind in ("schedule", "occurrence"):
        return Route("recurring", item.kind, _day_of_order)
    if item.kind == "round_ups":
        return Route("recurring", item.kind, _person)
    if item.kind == "movement":
        return Route("treasury", "movement", _movement)
    if item.kind == "suspense":
        return Route("payment-signals", "suspense", _suspended)
    if item.kind == "unmatched_paybill":
        return Route("payment-signals", "paybill", _receipt)
    if item.kind == "kyc_case":
        return Route("identity", "identity", _person)
    if item.kind == "broker_account":
        return Route("broker-accounts", "broker_account", _person)
    return None
