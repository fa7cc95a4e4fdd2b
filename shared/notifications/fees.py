"""What people are told about the fees that they paid for management."""

from collections.abc import Mapping

from shared.kernel.money import Currency, Money

TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "management_fees.fee_charged": {
        "en": (
            "Your management fee: {amount}",
            "{amount} was charged for managing your money from {first} to {last}. Baobab shows "
            "how it was counted.",
        ),
        "sw": (
            "Ada yako ya usimamizi: {amount}",
            "{amount} zimetozwa kwa kusimamia pesa zako kuanzia {first} hadi {last}. Baobab "
            "inaonyesha jinsi ilivyohesabiwa.",
        ),
    },
}


def values_of(data: Mapping[str, object]) -> dict[str, str]:
    """The amount as people read it; the days are in the event as they are told."""
    return {"amount": str(Money(int(str(data["amount_minor"])), Currency.USD))}
