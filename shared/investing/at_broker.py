"""Which broker an account is at, and the breaker in front of each. Pure."""

import re

ALPACA, IBKR = "alpaca", "ibkr"
BROKERS = (ALPACA, IBKR)
_IBKR_ACCOUNT = re.compile(r"[A-Z]{1,3}[0-9]{5,9}")


def broker_of(account_id: str) -> str:
    """The name of the broker that an account is at.

    A person's broker is the one where their account is. Orders keep the account that they were
    planned for, so a person who changes brokers changes nothing about orders that are under way;
    and the two brokers' numbers look so different (a UUID, or letters and digits such as
    ``U1234567``) that neither is taken for the other's.
    """
    return IBKR if _IBKR_ACCOUNT.fullmatch(account_id) else ALPACA
