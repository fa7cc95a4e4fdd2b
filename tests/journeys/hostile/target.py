"""The deployed stack as an attacker's target: what is sent to it, and what is left there of it."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import httpx

from tests.journeys.hostile.attempts import JSON, Attempt, Judge
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

FUNCTION = "baobab-local-graphql-api"
TABLES = ("CoreTable", "OutboxTable", "AuditTable", "JournalTable")
NOT_OURS = ("RATE#", "CURSOR#", "IBKR#", "PULSE", "BALANCE#")
"""Meters of how often somebody asks, what schedules keep (how far the broker's news were read,
who holds the session at the other broker, whether queues are worked off), and sums that follow the
journal, which is compared."""
_USER = re.compile(r"usr_[a-z0-9]+_[0-9A-Z]{26}", re.ASCII)
_CRASH = re.compile(r"Task timed out|Runtime\.|Runtime exited|unexpected error|Traceback|\[ERROR\]")

type Look = Callable[[Attempt, httpx.Response], None]
type Rows = Mapping[tuple[str, str, str], str]


@dataclass
class Target:
    """One client, and one person who is signed in with it."""

    endpoints: Endpoints
    person: Person
    hints: bool = True
    at_rest: bool = False
    """Whether the workers have done what signing up asks of them."""
    http: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=60, trust_env=False, follow_redirects=False)
    )
    begun_at: int = field(default_factory=lambda: int(time.time() * 1000))

    def aws(self, service: str) -> Any:
        """A client with all rights, to look behind the API."""
        return boto3.client(
            service,
            endpoint_url=self.endpoints.aws,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def url(self, attempt: Attempt) -> str:
        """Where an attempt goes."""
        own: str = getattr(self.endpoints, attempt.endpoint)
        return (
            own
            if attempt.path is None
            else own.removesuffix(f"/{attempt.endpoint}") + (attempt.path)
        )

    def send(self, attempt: Attempt) -> httpx.Response:
        """With the person's token on /graphql, and no cookie but those of the attempt."""
        headers = [(name.encode(), value.encode("latin-1")) for name, value in attempt.headers]
        names = {name.lower() for name, _ in attempt.headers}
        if attempt.endpoint == "graphql" and "authorization" not in names:
            headers.append((b"authorization", f"Bearer {self.person.client.access_token}".encode()))
        self.http.cookies.clear()
        return self.http.request(
            attempt.method, self.url(attempt), content=attempt.body, headers=headers
        )

    def try_all(self, attempts: Iterable[Attempt], look: Look | None = None) -> list[str]:
        """What is wrong with the answers; after the last one, and after each crash, the function
        answers a good request. ``look`` sees each answer too."""
        judge = Judge(hints=self.hints)
        for attempt in attempts:
            answer = self.send(attempt)
            judge.judge(attempt, answer)
            if look is not None:
                look(attempt, answer)
            if answer.status_code >= 500:
                self.check_answers()
        self.check_answers()
        return judge.complaints

    def attack(self, attempts: Iterable[Attempt], look: Look | None = None) -> None:
        """Every answer is right, nothing is written, and the function has not crashed."""
        before = self.rows() if self.at_rest else self.rows_at_rest()
        complaints = self.try_all(attempts, look)
        assert not complaints, "\n".join(complaints)
        written, crashes = self.written(before), self.crashes()
        assert not written, "\n".join(written)
        assert not crashes, "\n".join(crashes)

    def check_answers(self) -> None:
        """The function is as good as before."""
        question = {"query": "{ viewer { user { userId } } }"}
        headers = {"authorization": f"Bearer {self.person.client.access_token}", "accept": JSON}
        answer = self.http.post(self.endpoints.graphql, json=question, headers=headers)
        assert answer.json() == {"data": {"viewer": {"user": {"userId": self.person.user_id}}}}

    def crashes(self) -> list[str]:
        """Lines of the function's log, since this target exists, that tell of a crash."""
        kept = self.aws("lambda").get_function_configuration(FunctionName=FUNCTION)
        pages = self.aws("logs").get_paginator("filter_log_events")
        group = kept["LoggingConfig"]["LogGroup"]
        found = pages.paginate(logGroupName=group, startTime=self.begun_at)
        lines = [event["message"] for page in found for event in page["events"]]
        assert lines, "the function has no log"
        return [line for line in lines if _CRASH.search(line)]

    def rows(self) -> Rows:
        """What lies in the tables."""
        found: dict[tuple[str, str, str], str] = {}
        for name in TABLES:
            pages = self.aws("dynamodb").get_paginator("scan")
            for page in pages.paginate(TableName=self.endpoints.outputs[name]):
                for item in page["Items"]:
                    key = (name, item["pk"]["S"], item["sk"]["S"])
                    if not key[1].startswith(NOT_OURS):
                        found[key] = json.dumps(item, sort_keys=True, default=repr)
        return found

    def rows_at_rest(self) -> Rows:
        """Once the workers have done what signing up asks of them."""
        last: list[Rows] = [{}]

        def look() -> Rows | None:
            before, last[0] = last[0], self.rows()
            return last[0] if last[0] == before and self._is_welcomed(before) else None

        rows = wait_for("rows at rest", look, every=1000)
        self.at_rest = True
        return rows

    def _is_welcomed(self, rows: Rows) -> bool:
        """The last that the workers do for somebody who signed up is a mail."""
        own = f"USER#{self.person.user_id}"
        notices = [text for key, text in rows.items() if key[1] == own and key[2].endswith("#ntc")]
        return any('"mail": {"S": "SENT"}' in text for text in notices)

    def written(self, before: Rows) -> list[str]:
        """Rows that are new, changed or gone. What workers still do for other people does not
        count: rows that name somebody who was there before, and not this person."""
        after = self.rows()
        others = {found for text in before.values() for found in _USER.findall(text)}
        others.discard(self.person.user_id)
        keys = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        told = {key: f"{key} {before.get(key, '')} {after.get(key, '')}" for key in keys}
        return sorted(
            text for text in told.values() if not others.intersection(_USER.findall(text))
        )


@contextmanager
def target(endpoints: Endpoints) -> Iterator[Target]:
    """With a person of its own."""
    urls = {
        "graphql": endpoints.graphql,
        "session": endpoints.session,
        "sandbox": endpoints.sandbox,
    }
    person = Person.new(urls, "hostile")
    with closing(person.client.http):
        person.sign_up()
        person.sign_in()
        made = Target(endpoints, person)
        with made.http:
            yield made


@contextmanager
def public_stage(found: Target, **changed: str) -> Iterator[Target]:
    """The function under the settings of a stage that is open to the world, and then as before."""
    functions = found.aws("lambda")
    known = functions.get_function_configuration(FunctionName=FUNCTION)["Environment"]["Variables"]

    def deploy(variables: Mapping[str, str]) -> None:
        functions.update_function_configuration(
            FunctionName=FUNCTION, Environment={"Variables": dict(variables)}
        )
        functions.get_waiter("function_updated_v2").wait(FunctionName=FUNCTION)

    deploy({**known, "INTROSPECTION": "false", **changed})
    found.hints = False
    try:
        yield found
    finally:
        found.hints = True
        deploy(known)
