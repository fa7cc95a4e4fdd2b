"""The rules by name: which a plan waits for, and which never keep money from people. Pure."""

from enum import StrEnum


class Rule(StrEnum):
    """Rules of a decision by name, in the order in which they are told."""

    DEPOSIT_FUNDED = "DEPOSIT_FUNDED"
    """The deposit's money is in the person's own account at the broker."""
    ACCOUNT_ACTIVE = "ACCOUNT_ACTIVE"
    """The account at the broker may trade."""
    NO_ORDERS_IN_FLIGHT = "NO_ORDERS_IN_FLIGHT"
    """No earlier order is open: otherwise what is held would be counted wrong."""
    MODEL_PUBLISHED = "MODEL_PUBLISHED"
    """There is a model portfolio for the person's risk score."""
    MARKET_OPEN = "MARKET_OPEN"
    """The market trades now, by the market's own clock."""
    PRICE_FRESH = "PRICE_FRESH"
    """Every price that the plan rests on is young enough."""
    BREAKER_CLOSED = "BREAKER_CLOSED"
    """Nobody has stopped automatic orders."""
    PERSON_ACTIVE = "PERSON_ACTIVE"
    """The person may use the platform."""
    IDENTITY_APPROVED = "IDENTITY_APPROVED"
    """The identity check is approved."""
    SUITABILITY = "SUITABILITY"
    """The model is not bolder than the person's risk score, and holds no more equity."""
    CONCENTRATION = "CONCENTRATION"
    """No bought asset outgrows the cap of its kind."""
    NOT_PLANNED_BEFORE = "NOT_PLANNED_BEFORE"
    """One cause has one plan, for ever."""
    COVERED = "COVERED"
    """What is held, cash included, covers what is to be paid."""
    ACCOUNT_FLAGS = "ACCOUNT_FLAGS"
    """Nobody has stopped automatic trading of this account."""
    RESTRICTED_LIST = "RESTRICTED_LIST"
    """No order is for an asset that is on the restricted list."""
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    """One order for a symbol at most, and not the same ones again a moment later."""
    ORDER_SIZE = "ORDER_SIZE"
    """No order is too large for the account."""
    ORDER_VOLUME = "ORDER_VOLUME"
    """No order is too large for what is traded on a usual day."""
    SETTLED_FUNDS = "SETTLED_FUNDS"
    """What is bought is paid with settled cash."""
    GOOD_FAITH = "GOOD_FAITH"
    """Nothing is sold before it was paid for with settled cash."""
    PATTERN_DAY_TRADING = "PATTERN_DAY_TRADING"
    """No account is traded like a day trader's, while brokers may still count."""
    WASH_SALE = "WASH_SALE"
    """Nothing is bought that was sold at a loss shortly before, where that loss would not count."""
    DAILY_LOSS = "DAILY_LOSS"
    """The portfolio has not fallen too far since the last close."""
    TURNOVER = "TURNOVER"
    """Rebalances do not trade a portfolio round and round."""
    ISSUER_CONCENTRATION = "ISSUER_CONCENTRATION"
    """No bought issuer outgrows its cap."""
    SECTOR_CONCENTRATION = "SECTOR_CONCENTRATION"
    """No bought sector outgrows its cap."""
    CURRENCY_CONCENTRATION = "CURRENCY_CONCENTRATION"
    """No bought currency outgrows its cap."""


FIRST: tuple[Rule, ...] = (
    Rule.DEPOSIT_FUNDED,
    Rule.PERSON_ACTIVE,
    Rule.IDENTITY_APPROVED,
    Rule.ACCOUNT_ACTIVE,
    Rule.NO_ORDERS_IN_FLIGHT,
    Rule.MODEL_PUBLISHED,
    Rule.SUITABILITY,
    Rule.MARKET_OPEN,
    Rule.PRICE_FRESH,
    Rule.BREAKER_CLOSED,
    Rule.NOT_PLANNED_BEFORE,
    Rule.COVERED,
    Rule.CONCENTRATION,
)
"""What plans were judged by that were stored before rules had dates: they replay by the same."""
ORDER: tuple[Rule, ...] = (
    *FIRST[:10],
    Rule.ACCOUNT_FLAGS,
    Rule.RESTRICTED_LIST,
    Rule.NOT_PLANNED_BEFORE,
    Rule.DUPLICATE_ORDER,
    Rule.ORDER_SIZE,
    Rule.ORDER_VOLUME,
    Rule.SETTLED_FUNDS,
    Rule.GOOD_FAITH,
    Rule.PATTERN_DAY_TRADING,
    Rule.WASH_SALE,
    Rule.DAILY_LOSS,
    Rule.TURNOVER,
    Rule.ISSUER_CONCENTRATION,
    Rule.SECTOR_CONCENTRATION,
    Rule.CURRENCY_CONCENTRATION,
    Rule.COVERED,
    Rule.CONCENTRATION,
)
"""The order in which they are judged."""
WAITS = frozenset(
    {
        Rule.DEPOSIT_FUNDED,
        Rule.ACCOUNT_ACTIVE,
        Rule.NO_ORDERS_IN_FLIGHT,
        Rule.MODEL_PUBLISHED,
        Rule.MARKET_OPEN,
        Rule.PRICE_FRESH,
        Rule.BREAKER_CLOSED,
        Rule.ACCOUNT_FLAGS,
        Rule.DAILY_LOSS,
    }
)
"""While one of these fails nothing is decided; failing of the others is an answer."""
NEVER_BLOCK_RAISING = frozenset(
    {
        Rule.SUITABILITY,
        Rule.CONCENTRATION,
        Rule.BREAKER_CLOSED,
        Rule.MODEL_PUBLISHED,
        Rule.ACCOUNT_FLAGS,
        Rule.DUPLICATE_ORDER,
        Rule.ORDER_SIZE,
        Rule.ORDER_VOLUME,
        Rule.SETTLED_FUNDS,
        Rule.GOOD_FAITH,
        Rule.PATTERN_DAY_TRADING,
        Rule.DAILY_LOSS,
        Rule.TURNOVER,
        Rule.ISSUER_CONCENTRATION,
        Rule.SECTOR_CONCENTRATION,
        Rule.CURRENCY_CONCENTRATION,
    }
)
"""Rules about buying and about trading by ourselves: a person gets their money back also where
these do not hold."""
