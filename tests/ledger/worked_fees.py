"""The worked example of docs/ledger.md of a management fee, made by the function that books it."""

from collections.abc import Mapping, Sequence
from datetime import date

from shared.ledger.model import Draft
from shared.management_fees.bookings import charged
from shared.management_fees.model import Charge, ChargeStatus, charge_id_of
from tests.ledger.worked import AT, USER

LAST = date(2026, 2, 28)
FEE = Charge(
    charge_id=charge_id_of(USER, LAST),
    user_id=USER,
    status=ChargeStatus.COLLECTING,
    amount_minor=191,
    first=date(2026, 2, 1),
    last=LAST,
    annual_bp=25,
    terms_version=1,
    units=700_000_000,
    before_units=0,
    left_units=2_850_000,
    created_at=AT,
    updated_at=AT,
)
EXAMPLES: Mapping[str, Sequence[Draft]] = {"A management fee": [charged(FEE, AT)]}
"""By the headings of the page."""
