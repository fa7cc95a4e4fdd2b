"""The chart of accounts. House accounts have no row: their balances are folds of the journal."""

from shared.kernel.money import Currency


def customer_cash(user_id: str) -> str:
    """What we owe a person in cash (liability)."""
    return f"customer:{user_id}:cash"


def customer_shares(user_id: str) -> str:
    """The shares that a person owns (liability, in nanos of a symbol)."""
    return f"customer:{user_id}:shares"


def gateway_clearing(gateway: str, currency: Currency) -> str:
    """Captured by a payment gateway and not yet paid out to our bank (asset)."""
    return f"house:gateway_clearing:{gateway.lower()}:{currency.value}"


def firm_cash_at_broker() -> str:
    """The firm's prefunded account at the broker (asset)."""
    return "house:firm_cash_at_broker"


def customers_cash_at_broker() -> str:
    """Cash in the customers' own accounts at the broker (asset)."""
    return "house:customers_cash_at_broker"


def shares_at_broker() -> str:
    """Shares in the customers' own accounts at the broker (asset, in nanos of a symbol)."""
    return "house:shares_at_broker"


def fx_position() -> str:
    """The firm's open currency position: one balance per currency."""
    return "house:fx_position"


def fees(gateway: str) -> str:
    """What a gateway charged us (expense)."""
    return f"house:fees:{gateway.lower()}"


def rounding() -> str:
    """Fractions of a cent that rounding left (income or expense)."""
    return "house:rounding"


def suspense() -> str:
    """Money whose owner is not known yet (liability)."""
    return "house:suspense"
