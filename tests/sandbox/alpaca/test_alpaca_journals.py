"""Journals: cash between the firm and its customers."""

from decimal import Decimal

import pytest


@pytest.fixture
def journal(broker, firm_account):
    """Creates a journal through the official client, from the firm unless told otherwise."""
    from alpaca.broker.requests import CreateJournalRequest

    def created(account_id, amount, description=None, back=False):
        source, target = (account_id, firm_account) if back else (firm_account, account_id)
        wanted = CreateJournalRequest(
            from_account=source,
            to_account=target,
            entry_type="JNLC",
            amount=amount,
            description=description,
        )
        return broker.create_journal(wanted)

    return created


@pytest.fixture
def body(firm_account):
    """A journal as JSON."""
    return lambda account_id, amount="10": {
        "entry_type": "JNLC",
        "from_account": firm_account,
        "to_account": account_id,
        "amount": amount,
        "description": "dep_1",
    }


def test_a_journal_is_queued_and_then_moves_the_cash(
    broker, journal, open_account, cash, firm_account, eventually
):
    account_id = open_account()
    created = journal(account_id, 100.1, "dep_1")
    assert created.status == "queued"
    eventually(lambda: broker.get_journal_by_id(created.id).status == "executed")
    executed = broker.get_journal_by_id(created.id)
    assert (executed.net_amount, executed.description) == (100.1, "dep_1")
    assert executed.settle_date.isoformat() == "2026-03-02"
    assert cash(account_id) == Decimal("100.1")
    assert cash(firm_account) == Decimal("999899.9")


def test_cash_comes_back_to_the_firm_only_as_far_as_it_is_there(
    journal, investor, cash, refused, eventually
):
    journal(investor, 400, back=True)
    eventually(lambda: cash(investor) == 600)
    assert refused(journal, investor, 600.01, back=True)[:2] == (403, 40310000)
    assert cash(investor) == 600


def test_two_journals_that_together_exceed_the_cash_do_not_both_execute(
    broker, journal, investor, cash, eventually
):
    both = [journal(investor, 600, back=True).id for _ in range(2)]

    def look():
        found = sorted(broker.get_journal_by_id(one).status.value for one in both)
        return found if "queued" not in found else None

    assert eventually(look) == ["executed", "rejected"]
    assert cash(investor) == 400


def test_a_journal_over_the_firms_cash_is_rejected(
    broker, journal, open_account, knobs, cash, eventually
):
    account_id = open_account()
    knobs(firm_cash="99.99")
    created = journal(account_id, 100)
    eventually(lambda: broker.get_journal_by_id(created.id).status == "rejected")
    assert cash(account_id) == 0
    assert knobs()["firm_cash"] == "99.99"


@pytest.mark.parametrize("limit", [{"journal_limit": "50"}, {"journal_daily_limit": "50"}])
def test_a_journal_over_the_limit_waits_for_the_close(
    broker, journal, open_account, knobs, move_clock, cash, eventually, limit
):
    account_id = open_account()
    knobs(**limit)
    created = journal(account_id, 50.01)
    eventually(lambda: broker.get_journal_by_id(created.id).status == "pending")
    assert cash(account_id) == 0
    move_clock(now="2026-03-02T16:00:00-05:00")
    eventually(lambda: broker.get_journal_by_id(created.id).status == "executed")
    assert cash(account_id) == Decimal("50.01")


@pytest.mark.parametrize("status", ["rejected", "pending"])
def test_the_description_decides_the_outcome(
    broker, journal, open_account, move_clock, cash, eventually, status
):
    account_id = open_account()
    created = journal(account_id, 10, f"dep_1 /fixtures/status={status}/fixtures/")
    eventually(lambda: broker.get_journal_by_id(created.id).status == status)
    move_clock(advance_seconds=7 * 86_400)
    assert broker.get_journal_by_id(created.id).status == status
    assert cash(account_id) == 0


def test_a_pending_journal_can_be_cancelled_and_an_executed_one_cannot(
    broker, journal, open_account, fund, cash, refused, eventually
):
    account_id = open_account()
    pending = journal(account_id, 10, "/fixtures/status=pending/fixtures/").id
    eventually(lambda: broker.get_journal_by_id(pending).status == "pending")
    broker.cancel_journal_by_id(pending)
    assert broker.get_journal_by_id(pending).status == "canceled"
    executed = fund(account_id, 5)
    assert refused(broker.cancel_journal_by_id, executed)[:2] == (422, 42210000)
    assert cash(account_id) == 5


def test_the_same_idempotency_key_moves_the_cash_once(raw, open_account, cash, body, eventually):
    account_id = open_account()
    key = {"Idempotency-Key": "dep_1"}
    answers = [raw.post("/v1/journals", json=body(account_id), headers=key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1
    eventually(lambda: cash(account_id) == 10)
    assert len(raw.get("/v1/journals").json()) == 1
    again = raw.post("/v1/journals", json=body(account_id), headers=key)
    assert again.json()["id"] == answers[0].json()["id"]
    assert cash(account_id) == 10


def test_an_idempotency_key_belongs_to_one_body(raw, open_account, body):
    account_id = open_account()
    key = {"Idempotency-Key": "dep_1"}
    assert raw.post("/v1/journals", json=body(account_id), headers=key).status_code == 200
    other = raw.post("/v1/journals", json=body(account_id, "11"), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, 42210000)
    too_long = {"Idempotency-Key": "k" * 129}
    assert raw.post("/v1/journals", json=body(account_id), headers=too_long).status_code == 422
    assert len(raw.get("/v1/journals").json()) == 1


def test_a_refusal_does_not_use_the_key_up(raw, open_account, body):
    key = {"Idempotency-Key": "dep_1"}
    account_id = open_account()
    assert raw.post("/v1/journals", json=body(account_id, "0"), headers=key).status_code == 422
    assert raw.post("/v1/journals", json=body(account_id), headers=key).status_code == 200


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1e9", "NaN", "", None, True, [], {}])
def test_an_amount_that_is_no_amount_is_refused(raw, open_account, body, amount):
    answer = raw.post("/v1/journals", json=body(open_account(), amount))
    assert answer.status_code == 422
    assert raw.get("/v1/journals").json() == []


def test_customers_do_not_pay_each_other(raw, investor, open_account, body, firm_account, cash):
    other = open_account("other@example.com")
    for source, target in ((investor, other), (firm_account, firm_account), (other, other)):
        answer = raw.post("/v1/journals", json=body(target) | {"from_account": source})
        assert answer.status_code == 422
    stranger = "11111111-1111-4111-8111-111111111111"
    assert raw.post("/v1/journals", json=body(stranger)).status_code == 404
    assert (cash(investor), cash(other)) == (1000, 0)


def test_journals_are_found_by_account_status_and_day(broker, journal, open_account, fund):
    from alpaca.broker.requests import GetJournalsRequest

    one, two = open_account("one@example.com"), open_account("two@example.com")
    first, second = fund(one, 1), fund(two, 2)

    def found(**terms):
        return [str(j.id) for j in broker.get_journals(GetJournalsRequest(**terms))]

    assert found() == [second, first]
    assert found(to_account=one) == [first]
    assert found(status="rejected") == []
    assert found(after="2026-03-02", before="2026-03-02") == [second, first]
    assert found(after="2026-03-03") == []


def test_in_a_batch_each_entry_stands_for_itself(
    broker, open_account, firm_account, cash, eventually
):
    from alpaca.broker.requests import BatchJournalRequestEntry, CreateBatchJournalRequest

    account_id = open_account()
    stranger = "11111111-1111-4111-8111-111111111111"
    wanted = CreateBatchJournalRequest(
        entry_type="JNLC",
        from_account=firm_account,
        entries=[
            BatchJournalRequestEntry(to_account=account_id, amount="10.00"),
            BatchJournalRequestEntry(to_account=stranger, amount="20.00"),
        ],
    )
    good, bad = broker.create_batch_journal(wanted)
    assert (good.status, good.error_message) == ("queued", "")
    assert (bad.status, bad.error_message) == ("rejected", "account not found")
    eventually(lambda: cash(account_id) == 10)
