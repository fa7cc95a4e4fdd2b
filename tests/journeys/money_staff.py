"""What members of staff do about money: two of them, where one is not enough."""

import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tools.journey import operations as op
from tools.journey.client import Broken, Refused
from tools.journey.person import Person
from tools.stack import Endpoints
from tools.stack.places import CHECKOUT

REASON = "A journey through the back office"


@pytest.fixture(scope="module")
def second_officer(
    endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    """Somebody else of compliance, as operators made them."""
    urls = {
        "graphql": endpoints.graphql,
        "session": endpoints.session,
        "sandbox": endpoints.sandbox,
    }
    person = Person.new(urls, "second.officer")
    person.sign_up()
    person.sign_in()
    person.add_second_factor()
    file = tmp_path_factory.mktemp("staff") / "endpoints.json"
    file.write_text(endpoints.to_json())
    asked = ["role", "--email", person.email, "--role", "COMPLIANCE", "--reason", REASON]
    subprocess.run(
        [sys.executable, "-m", "tools.staff", "--endpoints", str(file), *asked],
        cwd=CHECKOUT,
        check=True,
        timeout=60,
        capture_output=True,
    )
    person.sign_in()
    yield person
    person.client.http.close()


def decides(officer: Person, operation: str, asked: Mapping[str, object]) -> Any:
    """One word of a member of staff, with a reason; the second factor is proved anew where the
    last proof is too old: its codes are good once, and each half minute has one."""
    wanted = {**asked, "reason": REASON}
    officer.refresh()
    try:
        return officer.client.graphql(operation, input=wanted)
    except (Broken, Refused) as refused:
        # The rule beside a field refuses the whole request, a use case its own part of it.
        if "STEP_UP_REQUIRED" not in str(refused):
            raise
    officer.step_up()
    return officer.client.graphql(operation, input=wanted)


def held(officer: Person, payout_id: str) -> Any:
    """One payout of the list of those that wait for somebody; None when it is not on it."""
    after: str | None = None
    while True:
        page = officer.client.graphql(op.HELD_PAYOUTS, after=after)["heldPayouts"]
        for one in page["nodes"]:
            if one["payout"]["payoutId"] == payout_id:
                return one["payout"]
        if not page["pageInfo"]["hasNextPage"]:
            return None
        after = page["pageInfo"]["endCursor"]


def new_key() -> str:
    """A key of a request's own."""
    return secrets.token_hex(16)
