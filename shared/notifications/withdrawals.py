"""What people are told about their payout accounts and withdrawals, before money moves."""

from collections.abc import Mapping
from datetime import UTC, datetime

from shared.kernel.money import Currency, Money

TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "withdrawals.payout_account_added": {
        "en": (
            "New payout account: {kind_en}",
            "Money can go there from {usable} on. If it was not you, remove it, change your "
            "password and end all other sessions now.",
        ),
        "sw": (
            "{kind_sw} imeongezwa ya kulipwa pesa",
            "Pesa zinaweza kwenda huko kuanzia {usable}. Ikiwa si wewe, iondoe, badilisha nenosiri "
            "lako na umalize vipindi vingine vyote sasa.",
        ),
    },
    "withdrawals.payout_account_removed": {
        "en": (
            "Payout account removed: {kind_en}",
            "Nothing is paid out to it any more. If it was not you, change your password and end "
            "all other sessions now.",
        ),
        "sw": (
            "{kind_sw} imeondolewa",
            "Hakuna kitakacholipwa huko tena. Ikiwa si wewe, badilisha nenosiri lako na umalize "
            "vipindi vingine vyote sasa.",
        ),
    },
    "withdrawals.withdrawal_requested": {
        "en": (
            "You take out {debited}",
            "{amount} will be paid out. If it was not you, cancel it, change your password and "
            "end all other sessions now.",
        ),
        "sw": (
            "Unatoa {debited}",
            "{amount} zitalipwa. Ikiwa si wewe, ghairi, badilisha nenosiri lako na umalize "
            "vipindi vingine vyote sasa.",
        ),
    },
    "withdrawals.withdrawal_rejected": {
        "en": (
            "Your withdrawal was not approved",
            "{debited} are available in your account again. Write to us if you have questions.",
        ),
        "sw": (
            "Malipo yako hayakuidhinishwa",
            "{debited} zinapatikana tena kwenye akaunti yako. Tuandikie ukiwa na maswali.",
        ),
    },
}
_KINDS = {
    "MPESA": ("M-Pesa account", "Akaunti ya M-Pesa"),
    "BANK": ("bank account", "Akaunti ya benki"),
}
_ANY = ("payout account", "Akaunti ya malipo")


def values_of(data: Mapping[str, object]) -> dict[str, str]:
    """Of one of these events: what its texts need."""
    values: dict[str, str] = {}
    if "kind" in data:
        values["kind_en"], values["kind_sw"] = _KINDS.get(str(data["kind"]), _ANY)
    if "usable_at" in data:
        usable = datetime.fromisoformat(str(data["usable_at"])).astimezone(UTC)
        values["usable"] = f"{usable:%Y-%m-%d %H:%M} UTC"
    if "debited_minor" in data:
        values["debited"] = str(Money(int(str(data["debited_minor"])), Currency.USD))
    if "amount_minor" in data:
        currency = Currency(str(data["currency"]))
        values["amount"] = str(Money(int(str(data["amount_minor"])), currency))
    return values
