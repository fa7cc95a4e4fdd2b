"""From the person's broker account to the payee: the ordinary ways, step by step."""

from datetime import timedelta

from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.ledger.model import EntryKind
from shared.payments.methods import Gateway, Method
from shared.payments.model import DepositStatus
from shared.payouts.events import CashRecalledV1, PayoutPaidV1
from shared.payouts.model import PayoutStatus, Rail
from shared.payouts.ports import PaidOut, Silence, Taken
from shared.payouts.reasons import PayoutReason

S = PayoutStatus
CLEARING = "house:gateway_clearing"


def states(payout):
    return [one.status for one in payout.moves]


def kinds(world):
    page = world.ledger.entries(world.user_id, Currency.USD, limit=100)
    return [one.entry.draft.kind for one in reversed(page.entries)]


def test_a_withdrawal_comes_from_the_broker_and_is_paid_on_the_gateways_word(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    assert world.money() == (10_000, 4_000, 0)
    world.recall(payout)
    recalled = world.now(payout)
    assert recalled.status is S.RECALLED
    assert recalled.recalled_at == world.clock.now()
    assert world.facts.published[-1] == CashRecalledV1(
        user_id=world.user_id, payout_id=payout.payout_id
    )
    assert world.broker.cash == 6_000
    world.check_conserved()
    world.send(payout)
    sent = world.now(payout)
    assert (sent.status, sent.reference) == (S.SENT, "po_1")
    assert world.rails[Rail.MPESA_B2C].destinations == [{"phone": "254712345678"}]
    assert world.money() == (10_000, 4_000, 0)
    world.told(payout, PaidOut("po_1", payout.amount, receipt="SFF6XYZ123"))
    paid = world.now(payout)
    assert states(paid) == [S.READY, S.RECALLING, S.RECALLED, S.SENDING, S.SENT, S.PAID]
    assert (paid.receipt, paid.paid_at) == ("SFF6XYZ123", world.clock.now())
    assert paid.due is None
    assert world.money() == (6_000, 0, 0)
    assert world.facts.published[-1] == PayoutPaidV1(
        user_id=world.user_id,
        payout_id=payout.payout_id,
        purpose="WITHDRAWAL",
        gateway="MPESA",
        currency="KES",
        amount_minor=510_200,
        debited_minor=4_000,
    )
    books = world.books()
    assert books[f"{CLEARING}:mpesa:KES", "KES/2"] == -510_200
    assert books["house:fx_position", "USD/2"] == -4_000
    assert books["house:fx_position", "KES/2"] == 510_200
    assert books["house:firm_cash_at_broker", "USD/2"] == -6_000
    assert kinds(world)[-2:] == [EntryKind.CASH_RECALLED, EntryKind.WITHDRAWAL_PAID]
    assert world.open_cases() == []
    world.check_conserved()


def test_the_entry_of_a_withdrawal_keeps_rate_and_names(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, PaidOut("po_1", receipt="SFF6XYZ123"))
    page = world.ledger.entries(world.user_id, Currency.USD, limit=1)
    draft = page.entries[0].entry.draft
    assert draft.reference == payout.payout_id
    assert dict(draft.memo) == {
        "gateway": "MPESA",
        "payout": "po_1",
        "receipt": "SFF6XYZ123",
        "paid": "5102.00 KES",
        "quote": payout.quote_id,
        "rate": "127.5575",
        "mid": "129.5",
        "spread_basis_points": "150",
        "rate_source": "test",
        "rate_as_of": "2026-03-02T15:30:00.000000Z",
    }


def test_a_bank_payout_in_dollars_needs_no_conversion_and_pays_its_fee(world):
    world.deposit()
    payout = world.withdrawal(rail=Rail.STRIPE_PAYOUT)
    world.told(payout, PaidOut("po_1", payout.amount, fee_minor=25))
    assert world.now(payout).fee_minor == 25
    books = world.books()
    # The deposit's 100.00, less 40.00 paid out and a fee of 0.25.
    assert books[f"{CLEARING}:stripe:USD", "USD/2"] == 5_975
    assert books["house:fees:stripe", "USD/2"] == 25
    assert kinds(world)[-2:] == [EntryKind.WITHDRAWAL_PAID, EntryKind.GATEWAY_FEE]
    assert world.money() == (6_000, 0, 0)


def test_a_fee_that_is_told_later_is_booked_once(world):
    world.deposit()
    payout = world.withdrawal(rail=Rail.STRIPE_PAYOUT)
    world.told(payout, PaidOut("po_1"))
    for _ in range(3):
        world.told(payout, PaidOut("po_1", fee_minor=25))
    assert world.books()["house:fees:stripe", "USD/2"] == 25
    assert kinds(world).count(EntryKind.GATEWAY_FEE) == 1
    assert world.events().count("payouts.payout_paid.v1") == 1


def test_a_gateway_that_pays_at_once_needs_one_read_and_two_facts(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    world.recall(payout)
    world.rails[Rail.MPESA_B2C].script = ["paid"]
    before = world.facts.commits
    world.send(payout)
    assert world.now(payout).status is S.PAID
    # What is to happen is written before the gateway is asked, what happened after.
    assert world.facts.commits - before == 2
    assert world.payout_queue.sent == []


def test_a_part_of_a_deposit_goes_back_at_its_own_rate(world):
    deposit = world.deposit(Money(1_300_000, Currency.KES), method=Method.MPESA)
    assert deposit.credited == Money(9_860, Currency.USD)
    refund = world.refund(deposit, 500_000)
    assert (refund.rail, refund.debited) == (Rail.MPESA_REVERSAL, Money(3_792, Currency.USD))
    assert world.deposit_now(deposit).refunding_minor == 500_000
    assert world.rails[Rail.MPESA_REVERSAL].destinations == [{}]
    world.told(refund, PaidOut("po_1", refund.amount))
    after = world.deposit_now(deposit)
    assert (after.status, after.refunding_minor, after.refunded_minor) == (
        DepositStatus.FUNDED,
        0,
        500_000,
    )
    assert world.money() == (6_068, 0, 0)
    assert world.books()[f"{CLEARING}:mpesa:KES", "KES/2"] == 800_000
    world.check_conserved()


def test_parts_of_a_deposit_take_exactly_what_was_credited(world):
    deposit = world.deposit(Money(1_000_100, Currency.KES), method=Method.MPESA)
    rail = world.rails[Rail.MPESA_REVERSAL]
    rail.script = ["paid"] * 3
    parts = [world.refund(deposit, minor) for minor in (333_300, 333_400, 333_400)]
    assert [one.status for one in parts] == [S.PAID] * 3
    assert sum(one.debited.minor for one in parts) == deposit.credited.minor
    assert world.deposit_now(deposit).status is DepositStatus.REFUNDED
    assert world.money() == (0, 0, 0)
    assert world.broker.cash == 0
    books = world.books()
    assert (f"{CLEARING}:mpesa:KES", "KES/2") not in books
    assert ("house:fx_position", "KES/2") not in books
    assert ("house:fx_position", "USD/2") not in books


def test_a_deposit_that_never_left_the_firm_goes_back_without_the_broker(world):
    deposit = world.deposit(funded=False)
    refund = world.refund(deposit)
    assert not refund.at_broker
    assert world.broker.instructed == 0
    assert states(refund) == [S.READY, S.RECALLED, S.SENDING, S.SENT]
    # The deposit holds the money: nothing was held twice.
    assert world.money() == (10_000, 10_000, 0)
    world.told(refund, PaidOut("po_1", refund.amount))
    assert world.money() == (0, 0, 0)
    assert world.deposit_now(deposit).status is DepositStatus.REFUNDED
    assert world.books() == {}


def test_a_second_payment_goes_back_once_and_touches_no_wallet(world):
    deposit = world.deposit()
    surplus = (deposit.deposit_id, Gateway.ADYEN, "psp_2", Money(10_000, Currency.USD))
    for _ in range(3):
        world.sending.surplus(world.user_id, *surplus)
    (payout,), _ = world.payouts.page(world.user_id, limit=10)
    assert (payout.rail, payout.source) == (Rail.ADYEN_REFUND, "psp_2")
    assert payout.status is S.SENT
    rail = world.rails[Rail.ADYEN_REFUND]
    assert rail.sent == 1
    assert world.money() == (10_000, 0, 0)
    world.told(payout, PaidOut("po_1", payout.amount))
    assert world.money() == (10_000, 0, 0)
    books = world.books()
    assert books[f"{CLEARING}:adyen:USD", "USD/2"] == -10_000
    assert books["house:suspense", "USD/2"] == 10_000
    assert world.broker.instructed == 0


def test_a_payout_cools_off_until_its_moment(world):
    world.deposit()
    until = world.clock.now() + timedelta(minutes=10)
    payout = world.withdrawal(status=S.COOLING, not_before=until)
    assert payout.status is S.COOLING
    assert payout.due == until
    assert world.broker.instructed == 0
    assert world.checks() == [("recall", 0, 2)]
    world.clock.advance(timedelta(minutes=10))
    world.recall(payout)
    assert world.now(payout).status is S.RECALLED


def test_a_payout_in_review_is_not_touched_by_anything_automatic(world):
    world.deposit()
    payout = world.withdrawal(status=S.IN_REVIEW)
    assert payout.status is S.IN_REVIEW
    assert payout.due is None
    assert (world.broker.instructed, world.checks()) == (0, [])
    assert [one.payout_id for one in world.payouts.in_review(10)] == [payout.payout_id]
    after, writes, event = world.requests.agreed(payout)
    world.facts.commit(writes, event)
    assert after.status is S.READY
    assert world.payouts.in_review(10) == []
    assert world.events()[-1] == "payouts.payout_requested.v1"


def test_money_that_a_bank_takes_back_meanwhile_stops_a_withdrawal(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    world.commit(world.ledger.block(world.wallet(), 1))
    world.recall(payout)
    waiting = world.now(payout)
    assert (waiting.status, waiting.reason) == (S.READY, PayoutReason.UNDER_REVIEW)
    assert world.broker.instructed == 0
    world.commit(world.ledger.block(world.wallet(), -1))
    world.recall(payout)
    world.commit(world.ledger.block(world.wallet(), 1))
    world.send(payout)
    assert world.now(payout).status is S.RECALLED
    assert world.rails[Rail.MPESA_B2C].sent == 0
    assert world.now(payout).due is not None
    world.commit(world.ledger.block(world.wallet(), -1))
    world.send(payout)
    assert world.now(payout).status is S.SENT
    assert world.now(payout).reason is None


def test_somebody_of_another_name_received_it(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, PaidOut("po_1", receiver="254712345678 - JUMA KAMAU"))
    assert world.now(payout).status is S.PAID
    (case,) = world.open_cases()
    assert case.kind.value == "RECEIVER_MISMATCH"
    assert "KAMAU" not in str(case)
    assert "Amina" not in str(case)


def test_the_same_name_in_another_spelling_is_no_case(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, PaidOut("po_1", receiver="254712345678 - OTIENO AMINA WANJIKU"))
    assert world.open_cases() == []


def test_words_that_say_nothing_new_change_nothing(world):
    world.deposit()
    payout = world.withdrawal()
    before = world.facts.commits
    world.told(payout, Taken("po_9"))
    world.told(payout, Silence())
    world.sending.signalled(world.user_id, payout.payout_id)
    assert world.now(payout) == payout
    assert world.facts.commits == before


def test_a_word_about_nobodys_payout_is_counted_and_that_is_all(world):
    payout = world.ids.new(Kind.PAYOUT)
    world.sending.told(world.user_id, payout, PaidOut("po_1"))
    world.sending.signalled(world.user_id, payout)
    world.recalling.requested(world.user_id, payout)
    assert world.facts.commits == 0
    assert world.checks() == []
