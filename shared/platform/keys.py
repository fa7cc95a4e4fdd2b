"""Keys of the core table, in one place because several contexts share a person's partition.

A person's bounded state (KYC case and documents, goals, positions, profile, wallets) has sort keys
between ``POSITION#`` and ``WALLET#~``, so that one Query reads it whole; everything that grows
(deposits, plans, orders, notices) lies under ``FEED#<ulid>``, newest last, where the ULID is the
one inside the row's own identifier, so that any of them is found by its id alone.
"""

from shared.kernel.ids import Kind, ulid_of
from shared.kernel.money import Currency

PROFILE = "PROFILE"
STATE_FIRST = "POSITION#"
STATE_LAST = "WALLET#~"
FEED = "FEED#"
DEPOSIT_PARTS = "DEPOSIT#"
SCHEDULES = "CALENDAR#"
RUNS = "BALANCING#"
REBALANCED = "REBALANCED#"
FEES = "FEES"
"""Sort key of how far a person's management fees have been accrued."""
FEE = "FEES#"
ROUND_UPS = "COINS"
"""Sort key of a person's round-ups: their settings and the pool."""
ROUND_UP_TRANSFERS = f"{ROUND_UPS}#"
PURCHASES = "BOUGHT#"
SAVING = "SAVING#"
EXCLUDED = f"{SAVING}EXCLUDED"
"""Sort key of the assets that a person does not want, beside their goals."""
TRADING = "TRADING_"
"""How the sort keys of what rules know of a person's trading begin."""
TRADING_DAYS = f"{TRADING}DAYS"
TRADING_BREACHES = f"{TRADING}BREACHES"
TRADING_HOLD = f"{TRADING}HOLD"
"""Sort key of the row that stops automatic trading of a person while it is there."""
TAXES = "TAXES#"
"""How the sort keys of what is known of a person's taxes begin; they are read with the state."""
TAX_SETTINGS = f"{TAXES}SETTINGS"
TAX_RESIDENCE = f"{TAXES}RESIDENCE"
TAX_CHOICES = "CHOICE#TAXES#"
DISPOSALS = "DISPOSED#"
"""How the sort keys of what was sold begin, the day first; they are not read with the state."""
_HOUSE = "house_"


def user(user_id: str) -> str:
    """Partition of everything that belongs to one person."""
    return f"USER#{user_id}"


def house(owner_id: str) -> str:
    """Partition of what belongs to the firm itself, by its id ``house_<cell>``."""
    return f"HOUSE#{owner_id.removeprefix(_HOUSE)}"


def house_of(cell: str) -> str:
    """The id of the firm in a cell, as owner of journal entries."""
    return f"{_HOUSE}{cell}"


def is_house(owner_id: str) -> bool:
    """Whether this owner of journal entries is the firm and no person."""
    return owner_id.startswith(_HOUSE)


def owner_of(partition: str) -> str:
    """The id of the person, or of the firm, to whom a partition belongs."""
    kind, _, identifier = partition.partition("#")
    return house_of(identifier) if kind == "HOUSE" else identifier


def wallet(currency: Currency) -> str:
    """Sort key of a wallet."""
    return f"WALLET#{currency.value}"


def chain(currency: Currency) -> str:
    """Sort key of the end of a chain of the house."""
    return f"CHAIN#{currency.value}"


def position(symbol: str) -> str:
    """Sort key of a position."""
    return f"POSITION#{symbol}"


def proof(identifier: str) -> str:
    """Sort key of a KYC document; ``proof("CASE")`` is the KYC case itself."""
    return f"PROOF#{identifier}"


def feed(identifier: str, kind: Kind) -> str:
    """Sort key of a row that grows with time: ``FEED#<ulid>#<kind>``."""
    return f"{FEED}{ulid_of(identifier)}#{kind.value}"


def goal(goal_id: str) -> str:
    """Sort key of a goal."""
    return f"{SAVING}{ulid_of(goal_id)}"


def of_deposit(deposit_id: str, part: str, identifier: str) -> str:
    """Sort key of something that belongs to one deposit, beside the feed: a dispute, a refund.
    Without an identifier it is the beginning of all of them."""
    last = ulid_of(identifier) if identifier else ""
    return f"{DEPOSIT_PARTS}{ulid_of(deposit_id)}#{part}#{last}"


def schedule(schedule_id: str) -> str:
    """Sort key of a standing order."""
    return f"{SCHEDULES}{ulid_of(schedule_id)}"


def occurrence(schedule_id: str, on: str) -> str:
    """Sort key of one day of a standing order; without a day the beginning of all of them."""
    return f"OCC#{ulid_of(schedule_id)}#{on}"


def purchase(purchase_id: str) -> str:
    """Sort key of a purchase, which is not read with the state: they grow for ever."""
    return f"{PURCHASES}{purchase_id}"


def round_up_transfer(number: int) -> str:
    """Sort key of a collection of round-ups; they are read newest first."""
    return f"{ROUND_UP_TRANSFERS}{number:08d}"


def run(run_id: str) -> str:
    """Sort key of a run of rebalancing; runs are read newest first, and not with the state."""
    return f"{RUNS}{ulid_of(run_id)}"


def fee(charge_id: str) -> str:
    """Sort key of a management fee; they are read newest first, and not with the state. The time
    in the identifier is the last day that it is for."""
    return f"{FEE}{ulid_of(charge_id)}"


def rebalanced(goal_id: str) -> str:
    """Sort key of what is known of the last run for a goal; empty for the general one."""
    return f"{REBALANCED}{ulid_of(goal_id) if goal_id else 'GENERAL'}"


def tax_choice(version: int) -> str:
    """Sort key of one version of a person's settings about taxes."""
    return f"{TAX_CHOICES}{version:08d}"
