"""Accounts: application, approval, search, documents."""

import base64

import pytest


def test_an_application_is_approved_and_becomes_active(broker, open_account):
    account = broker.get_account_by_id(open_account())
    assert account.status == "ACTIVE"
    assert account.kyc_results.summary == "pass"
    assert account.contact.email_address == "wanjiru@example.com"
    assert account.identity.country_of_tax_residence == "KEN"
    assert account.identity.tax_id is None


def test_a_new_account_is_submitted_and_cannot_trade_or_be_paid(
    sandbox, raw, application, firm_account
):
    sandbox.post("/_control/config", json={"alpaca_account_delay_ms": 60_000})
    account = raw.post("/v1/accounts", json=application()).json()
    assert account["status"] == "SUBMITTED"
    terms = {"symbol": "MTUM", "notional": "5", "side": "buy", "type": "market"}
    order = raw.post(
        f"/v1/trading/accounts/{account['id']}/orders", json=terms | {"time_in_force": "day"}
    )
    journal = raw.post(
        "/v1/journals",
        json={
            "entry_type": "JNLC",
            "from_account": firm_account,
            "to_account": account["id"],
            "amount": "5",
        },
    )
    sandbox.post("/_control/config", json={"alpaca_account_delay_ms": 20})
    assert (order.status_code, order.json()["code"]) == (403, 40310000)
    assert (journal.status_code, journal.json()["code"]) == (403, 40310000)
    assert raw.get("/v1/journals").json() == []


@pytest.mark.parametrize(
    ("family_name", "status", "summary"),
    [
        ("Actionrequired", "ACTION_REQUIRED", "fail"),
        ("Rejectedbroker", "REJECTED", "fail"),
        ("Approvalpending", "APPROVAL_PENDING", None),
    ],
)
def test_the_family_name_decides_the_outcome(broker, open_account, family_name, status, summary):
    account = broker.get_account_by_id(open_account(family_name=family_name, status=status))
    results = account.kyc_results
    assert (results.summary if results else None) == summary


def test_a_document_answers_what_the_approval_asked_for(broker, open_account, eventually):
    from alpaca.broker.requests import UploadDocumentRequest

    account_id = open_account(family_name="Actionrequired", status="ACTION_REQUIRED")
    content = base64.b64encode(b"a passport").decode()
    document = UploadDocumentRequest(
        document_type="identity_verification",
        document_sub_type="passport",
        content=content,
        mime_type="image/png",
    )
    broker.upload_documents_to_account(account_id, [document])
    eventually(lambda: broker.get_account_by_id(account_id).status == "ACTIVE")
    (kept,) = broker.get_account_by_id(account_id).documents
    assert (kept.document_type, kept.content) == ("identity_verification", None)


def test_an_email_address_has_one_account(raw, open_account, application):
    open_account("one@example.com")
    answer = raw.post("/v1/accounts", json=application("ONE@example.com"))
    assert (answer.status_code, answer.json()["code"]) == (409, 40910000)
    assert len(raw.get("/v1/accounts").json()) == 1


def test_accounts_are_found_by_email_and_status(broker, open_account):
    from alpaca.broker.requests import ListAccountsRequest

    first = open_account("first@example.com")
    second = open_account("second@example.com", "Rejectedbroker", status="REJECTED")

    def found(**terms):
        return [str(one.id) for one in broker.list_accounts(ListAccountsRequest(**terms))]

    assert found() == [second, first]
    assert found(sort="asc") == [first, second]
    assert found(query="first@example.com") == [first]
    assert found(query="wanjiru example.com") == [second, first]
    assert found(query="wanjiru nobody") == []
    assert found(status=["REJECTED"]) == [second]


def test_entities_are_left_out_of_a_list_unless_asked_for(broker, open_account):
    from alpaca.broker.requests import ListAccountsRequest

    open_account()
    (bare,) = broker.list_accounts(ListAccountsRequest())
    (full,) = broker.list_accounts(ListAccountsRequest(entities=["contact"]))
    assert bare.contact is None
    assert full.contact.city == "Nairobi"
    assert full.identity is None


@pytest.mark.parametrize(
    ("part", "member", "value", "named"),
    [
        ("contact", "email_address", "nobody", "contact.email_address"),
        ("contact", "street_address", [], "contact.street_address"),
        ("contact", "country", "Kenya", "contact.country"),
        ("identity", "date_of_birth", "2015-01-01", "identity.date_of_birth"),
        ("identity", "date_of_birth", "1890-01-01", "identity.date_of_birth"),
        ("identity", "given_name", " ", "identity.given_name"),
        ("disclosures", "is_control_person", None, "disclosures.is_control_person"),
    ],
)
def test_an_incomplete_application_is_refused_by_name(raw, application, part, member, value, named):
    body = application()
    body[part][member] = value
    answer = raw.post("/v1/accounts", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, 42210000)
    assert answer.json()["message"].startswith(f"{named}:")
    assert raw.get("/v1/accounts").json() == []


@pytest.mark.parametrize("body", ["", "{", "[]", '"text"', "NaN", "[" * 50_000])
def test_a_body_that_is_no_object_is_refused(raw, body):
    answer = raw.post("/v1/accounts", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, 40010000)


def test_an_unknown_account_is_unauthorized_not_missing(broker, refused):
    stranger = "11111111-1111-4111-8111-111111111111"
    expected = (401, 40110000, "request is not authorized")
    assert refused(broker.get_account_by_id, stranger) == expected
    assert refused(broker.get_all_positions_for_account, stranger) == expected


def test_wrong_keys_are_unauthorized(raw):
    answer = raw.get("/v1/accounts", auth=("sandbox-key", "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (401, 40110000)
    assert answer.headers["x-request-id"]


def test_an_update_keeps_what_it_does_not_name(broker, open_account):
    from alpaca.broker.requests import UpdatableContact, UpdateAccountRequest

    account_id = open_account()
    update = UpdateAccountRequest(contact=UpdatableContact(city="Mombasa"))
    broker.update_account(account_id, update)
    account = broker.get_account_by_id(account_id)
    assert (account.contact.city, account.contact.postal_code) == ("Mombasa", "00100")
    assert account.identity.given_name == "Wanjiru"


def test_only_an_empty_account_can_be_closed(broker, open_account, fund, refused):
    empty, full = open_account("empty@example.com"), open_account("full@example.com")
    fund(full, 1)
    broker.close_account(empty)
    assert broker.get_account_by_id(empty).status == "ACCOUNT_CLOSED"
    assert refused(broker.close_account, full)[0] == 422
    assert broker.get_account_by_id(full).status == "ACTIVE"


def test_the_result_of_an_identity_check_is_kept(raw, open_account):
    account_id = open_account()
    assert raw.get(f"/v1/accounts/{account_id}/cip").status_code == 404
    check = {
        "provider_name": ["onfido"],
        "kyc": {"id": "chk_1", "approval_status": "approved", "risk_level": "LOW", "score": 0.5},
        "document": {"result": "clear"},
    }
    kept = raw.post(f"/v1/accounts/{account_id}/cip", json=check).json()
    assert kept["kyc"] == check["kyc"]
    assert kept["watchlist"] is None
    shown = raw.get(f"/v1/accounts/{account_id}/cip")
    assert shown.json() == kept
    assert '"score":0.5' in shown.text


@pytest.mark.parametrize(
    "check", [{}, {"provider_name": ["nobody"], "kyc": {}}, {"provider_name": ["onfido"]}]
)
def test_an_identity_check_without_provider_or_result_is_refused(raw, open_account, check):
    account_id = open_account()
    assert raw.post(f"/v1/accounts/{account_id}/cip", json=check).status_code == 422
    assert raw.get(f"/v1/accounts/{account_id}/cip").status_code == 404


@pytest.mark.parametrize(
    "documents", [[], [{"document_type": "w8ben"}], [{"document_type": "x", "content": "?"}]]
)
def test_documents_without_content_are_refused(raw, open_account, documents):
    account_id = open_account()
    answer = raw.post(f"/v1/accounts/{account_id}/documents/upload", json=documents)
    assert answer.status_code == 422
    assert raw.get(f"/v1/accounts/{account_id}").json()["documents"] == []
