"""The chart of accounts. House accounts have no row: their balances are folds of the journal."""

from shared.kernel.money import Currency


def customer_cash(user_id: str) -> str:
    """What we owe a person in cash (liability)."""
    return f"customer:{user_id}:cash"


def customer_shares(user_id: str) -> str:
    """The shares that a person owns (liability, in nanos of a symbol)."""
    return f"customer:{user_id}:shares"


def receivable(user_id: str) -> str:
    """What a person owes us: money that their bank took back after it was spent (asset)."""
    return f"customer:{user_id}:receivable"


def gateway_clearing(gateway: str, currency: Currency) -> str:
    """Captured by a payment gateway and not yet paid out to our bank (asset)."""
    return f"house:gateway_clearing:{gateway.lower()}:{currency.value}"


def money_in_transit(gateway: str, currency: Currency) -> str:
    """Paid out by a gateway and not yet on our bank's statement (asset)."""
    return f"house:money_in_transit:{gateway.lower()}:{currency.value}"


def bank(currency: Currency) -> str:
    """The firm's own account at its bank (asset)."""
    return f"house:bank:{currency.value}"


def disputed(gateway: str, currency: Currency) -> str:
    """Taken back by a payer's bank while a dispute is open (asset)."""
    return f"house:disputed:{gateway.lower()}:{currency.value}"


def contested() -> str:
    """What people owe us of disputes that are still open: it is theirs again if we win (liability,
    the other side of their receivables)."""
    return "house:contested"


def losses() -> str:
    """What we bear ourselves, such as the fee of a lost dispute (expense)."""
    return "house:losses"


def capital() -> str:
    """What the firm's owners have put in (equity)."""
    return "house:capital"


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


def customer_dividends(user_id: str) -> str:
    """Dividends that a person is entitled to and that have not been paid yet (liability)."""
    return f"customer:{user_id}:dividends"


def dividends_receivable() -> str:
    """Dividends that the broker has not credited yet (asset)."""
    return "house:dividends_receivable"


def management_fees() -> str:
    """What people paid us for managing their money (income)."""
    return "house:management_fees"


def rounding() -> str:
    """Fractions of a cent that rounding left (income or expense)."""
    return "house:rounding"


def suspense() -> str:
    """Money whose owner is not known yet (liability)."""
    return "house:suspense"


def summed(account: str) -> str:
    """The account under which a person's is summed with those of all others, such as
    ``customers:cash``; house accounts stand for themselves."""
    owner, _, rest = account.partition(":")
    return f"customers:{rest.rpartition(':')[2]}" if owner == "customer" else account
