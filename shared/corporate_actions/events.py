"""Events of corporate actions."""

from typing import ClassVar

from shared.kernel.events import Event


class DividendDeclaredV1(Event):
    """Somebody holds shares into the ex-date: the dividend is theirs when it is paid."""

    type: ClassVar[str] = "corporate_actions.dividend_declared"

    user_id: str
    action_id: str
    symbol: str
    entitled_nanos: int
    expected_minor: int


class DividendPaidV1(Event):
    """A dividend was credited; ``amount_minor`` is before taxes."""

    type: ClassVar[str] = "corporate_actions.dividend_paid"

    user_id: str
    action_id: str
    symbol: str
    amount_minor: int


class DividendTaxedV1(Event):
    """A tax on a dividend was withheld."""

    type: ClassVar[str] = "corporate_actions.dividend_taxed"

    user_id: str
    action_id: str
    symbol: str
    withheld_minor: int


class SharesChangedV1(Event):
    """A split, or another symbol, changed what somebody holds."""

    type: ClassVar[str] = "corporate_actions.shares_changed"

    user_id: str
    action_id: str
    kind: str
    symbol: str
    new_symbol: str
    before_nanos: int
    after_nanos: int
