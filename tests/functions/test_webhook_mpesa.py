"""M-Pesa at the entrance: what a path proves, where its news go, and the question that waits."""

import pytest

from functions.receive_webhook.vendors import VENDORS
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.payments.callbacks import VENDORS as PATHS_OF
from shared.payments.callbacks import Purpose, make_token
from shared.platform.secrets import MemorySecrets
from tests.conftest import NOW
from tests.functions.webhook_door import VALUES, Door
from tests.functions.webhook_samples import (
    BODIES,
    C2B_OLD,
    C2B_TOKEN,
    DEPOSIT,
    NOTICE,
    PATH_KEY,
    PATH_OLD,
    PATHS,
    PAYOUT,
    REPORT,
    USER,
    changed,
    packed,
    path_of,
    result,
)

NOWHERE = (404, {"error": "NOT_FOUND"})
MALFORMED = (400, {"error": "MALFORMED"})
OTHER_IDS = SequentialIds("t1", FixedClock(NOW))
MOVEMENT = OTHER_IDS.new(Kind.MOVEMENT)
LATER = [purpose for purpose in Purpose if purpose is not Purpose.STK]
MENU = ["daraja-c2b-validation", "daraja-c2b-confirmation"]


@pytest.fixture
def door():
    return Door()


def test_every_purpose_has_its_row():
    assert {VENDORS[name].proof.purpose for name in PATHS_OF.values()} == set(Purpose)


@pytest.mark.parametrize(
    ("purpose", "subject", "queue"),
    [
        (Purpose.RESULT, PAYOUT, "payouts"),
        (Purpose.RESULT, DEPOSIT, None),
        (Purpose.STATUS, PAYOUT, "payouts"),
        (Purpose.STATUS, DEPOSIT, "payments"),
        (Purpose.STATUS, MOVEMENT, "payments"),
        (Purpose.TIMEOUT, PAYOUT, "payouts"),
        (Purpose.TIMEOUT, DEPOSIT, "payments"),
        (Purpose.BALANCE, REPORT, "reconciliation"),
        (Purpose.STATUS, REPORT, "reconciliation"),
        (Purpose.TIMEOUT, REPORT, "reconciliation"),
        (Purpose.RESULT, REPORT, None),
    ],
)
def test_the_queue_is_that_of_the_thing(door, purpose, subject, queue):
    user_id = "" if subject in (REPORT, MOVEMENT) else USER
    token = make_token(PATH_KEY.encode(), user_id, subject, purpose)
    vendor = PATHS_OF[purpose]
    assert door.post(vendor, BODIES[vendor], token=token) == (
        200,
        {"ResultCode": 0, "ResultDesc": "Accepted"},
    )
    assert [url for url, _ in door.kept] == ([] if queue is None else [queue])
    assert [message.token for _, message in door.kept] == [token] * len(door.kept)


@pytest.mark.parametrize("vendor", PATHS_OF.values())
@pytest.mark.parametrize("other", PATHS_OF.values())
def test_a_path_is_good_for_its_own_purpose_only(door, vendor, other):
    status, _ = door.post(vendor, BODIES[vendor], token=PATHS[other])
    assert status == (200 if vendor == other else 404)


@pytest.mark.parametrize("vendor", [PATHS_OF[purpose] for purpose in LATER])
@pytest.mark.parametrize("token", ["", "0" * 100, "02" + "f" * 98, "x", C2B_TOKEN, None])
def test_a_path_that_was_made_up_leads_nowhere(door, vendor, token):
    assert door.post(vendor, BODIES[vendor], token=token) == NOWHERE
    assert door.kept == []


def test_paths_of_the_previous_key_are_taken_while_it_is_kept():
    token = path_of(Purpose.RESULT, key=PATH_OLD)
    rolling = Door(MemorySecrets(VALUES | {"path": {"key": "n" * 64, "previous": PATH_OLD}}))
    assert rolling.post("daraja-result", BODIES["daraja-result"], token=token)[0] == 200
    rolled = Door(MemorySecrets(VALUES | {"path": {"key": "n" * 64}}))
    assert rolled.post("daraja-result", BODIES["daraja-result"], token=token) == NOWHERE


@pytest.mark.parametrize("vendor", MENU)
def test_the_path_of_the_menu_is_one_that_cannot_be_guessed(door, vendor):
    for token in (C2B_TOKEN[:-1], f"{C2B_TOKEN}0", C2B_TOKEN.upper(), "", "é", "\ud800", None):
        assert door.post(vendor, BODIES[vendor], token=token) == NOWHERE
    assert door.kept == []
    assert door.asked == []


@pytest.mark.parametrize("kept", [{}, {"token": ""}, {"token": None}, {"token": [""]}])
@pytest.mark.parametrize("vendor", MENU)
def test_without_a_secret_there_is_no_path(vendor, kept):
    door = Door(MemorySecrets(VALUES | {"c2b": kept}))
    for token in ("", "None"):
        assert door.post(vendor, BODIES[vendor], token=token) == NOWHERE


def test_the_previous_path_of_the_menu_is_good_while_it_is_kept():
    door = Door(MemorySecrets(VALUES | {"c2b": {"token": C2B_TOKEN, "previous": C2B_OLD}}))
    for token in (C2B_OLD, C2B_TOKEN):
        assert door.post("daraja-c2b-confirmation", packed(NOTICE), token=token)[0] == 200
    assert len(door.kept) == 2


def test_a_question_is_answered_and_kept_nowhere(door):
    answer = door.deliver("daraja-c2b-validation")
    assert answer == (200, {"ResultCode": "C2B00012", "ResultDesc": "Rejected"})
    assert door.asked == [NOTICE]
    assert door.kept == []


def test_of_a_confirmation_goes_on_what_finds_its_owner(door):
    door.deliver("daraja-c2b-confirmation")
    ((url, message),) = door.kept
    assert (url, message.token) == ("payments", None)
    names = ("TransID", "TransAmount", "TransTime", "BusinessShortCode", "BillRefNumber")
    assert message.body == packed({name: NOTICE[name] for name in names})


@pytest.mark.parametrize("name", ["TransID", "TransAmount", "BusinessShortCode"])
@pytest.mark.parametrize("value", [..., None, "", 5, [], {}])
@pytest.mark.parametrize("vendor", MENU)
def test_a_notice_without_what_is_needed_is_refused(door, vendor, name, value):
    assert door.deliver(vendor, changed(vendor, name, to=value)) == MALFORMED
    assert (door.kept, door.asked) == ([], [])


@pytest.mark.parametrize("code", [0, "0", 2001, "R000001", "SFC_IC0003", "21", "500.001.1001"])
def test_codes_of_results_come_in_many_forms(door, code):
    assert door.deliver("daraja-result", packed(result(code)))[0] == 200


@pytest.mark.parametrize("code", [..., None, True, "", "a b", 1.5, "x" * 25, [], {}, "é"])
@pytest.mark.parametrize("vendor", ["daraja-result", "daraja-status", "daraja-balance"])
def test_a_result_without_a_code_is_refused(door, vendor, code):
    assert door.deliver(vendor, changed(vendor, "Result", "ResultCode", to=code)) == MALFORMED
    assert door.kept == []


def test_of_a_status_goes_on_what_settles_it_and_no_payer(door):
    values = {
        "ReceiptNo": "RKL51ZDR4F",
        "Amount": 1300,
        "TransactionStatus": "Completed",
        "CreditPartyName": "174379 - Baobab",
        "DebitPartyName": "254708374149 - Amina Wanjiku",
    }
    door.deliver("daraja-status", packed(result(**values)))
    ((_, message),) = door.kept
    assert b"Baobab" in message.body
    assert b"Amina" not in message.body
    assert b"254708374149" not in message.body


def test_a_parameter_that_comes_without_its_list_is_kept_too(door):
    body = result()
    body["Result"]["ResultParameters"] = {"ResultParameter": {"Key": "ReceiptNo", "Value": "R"}}
    door.deliver("daraja-status", packed(body))
    ((_, message),) = door.kept
    assert b'"ResultParameter":[{"Key":"ReceiptNo","Value":"R"}]' in message.body
