"""What people read about a management fee that was charged."""

from shared.management_fees.events import FeeChargedV1
from shared.notifications.texts import render, values_of

EVENT = FeeChargedV1(
    user_id="usr",
    charge_id="fee",
    amount_minor=191,
    first="2026-02-01",
    last="2026-02-28",
    closing=False,
)
TOPIC = "management_fees.fee_charged"


def test_a_charged_fee_is_told_with_its_amount_and_days_in_both_languages() -> None:
    assert FeeChargedV1.type == TOPIC
    values = values_of(TOPIC, EVENT.model_dump())
    english, swahili = (render(TOPIC, values, language) for language in ("en", "sw"))
    assert english.subject == "Your management fee: 1.91 USD"
    assert english.body.startswith(
        "1.91 USD was charged for managing your money from 2026-02-01 to 2026-02-28."
    )
    assert swahili.subject == "Ada yako ya usimamizi: 1.91 USD"
    assert "kuanzia 2026-02-01 hadi 2026-02-28" in swahili.body
