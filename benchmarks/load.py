"""Forty screens a second from a deployed stack, beside a route whose handler does nothing.

k6 asks at a fixed rate whether or not answers come, first the empty route, then the screen, for
people who have holdings. The stack is a deployment of its own, with IAM enforced and the stage's
own limits of rates; the empty function and its route are added to it by hand.
"""

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.edge import persisted
from infra.stages import API_ID
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints, Ports, start
from tools.stack.deployment import client
from tools.stack.places import ACCOUNT, CHECKOUT, REGION

K6 = CHECKOUT / ".venv" / "bin" / "k6"
SCRIPT = Path(__file__).with_name("load.js")
PEOPLE = 8
"""The stage lets each person read 240 times at once and 4 times a second."""
RATE = 40
SECONDS, EMPTY_SECONDS = 30, 15
SCREEN = "PortfolioScreen"
EMPTY_SOURCE = "def handler(event, context):\n    return {'statusCode': 200, 'body': '{}'}\n"


@dataclass(frozen=True, slots=True)
class Seen:
    """What k6 measured of one route; milliseconds."""

    requests: int
    failed: int
    dropped: int
    """Requests that k6 could not begin in time because too many were waiting for answers."""
    median: float
    p95: float
    p99: float


def invested(endpoints: Mapping[str, str], number: int) -> Person:
    """Somebody whose money is in shares, signed in."""
    person = Person.new(endpoints, f"load{number}")
    person.sign_up()
    person.sign_in()
    person.complete_profile()
    person.answer_risk_questions(boldness=70)
    person.prove_identity()
    person.wait_for_kyc("APPROVED", seconds=180)
    person.wait_for_broker(seconds=180)
    deposit = person.create_deposit("STRIPE", "500.00")
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]], seconds=240)
    return person


def add_empty_route(ports: Ports, url: str) -> None:
    """A function that does nothing, behind the same API."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("empty.py", EMPTY_SOURCE)
    role = client("iam", ports).create_role(
        RoleName="bench-empty", AssumeRolePolicyDocument=json.dumps(_ASSUMED_BY_LAMBDA)
    )
    made = client("lambda", ports).create_function(
        FunctionName="bench-empty",
        Runtime="python3.13",
        Handler="empty.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": archive.getvalue()},
        MemorySize=128,
    )
    client("lambda", ports).add_permission(
        FunctionName="bench-empty",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API_ID}/*",
    )
    gateway = client("apigatewayv2", ports)
    integration = gateway.create_integration(
        ApiId=API_ID,
        IntegrationType="AWS_PROXY",
        IntegrationUri=made["FunctionArn"],
        PayloadFormatVersion="2.0",
    )
    gateway.create_route(
        ApiId=API_ID,
        RouteKey="POST /empty",
        Target=f"integrations/{integration['IntegrationId']}",
    )
    with Person.new({"graphql": url, "session": url, "sandbox": url}).client as asking:
        wait_for(
            "the empty route", lambda: asking.http.post(url, json={}).status_code == 200, seconds=30
        )


_ASSUMED_BY_LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def ask(endpoints: Endpoints, tokens: list[str], folder: Path) -> dict[str, Seen]:
    """Both routes by k6; what it saw by route."""
    summary, plan = folder / "summary.json", folder / "plan.json"
    plan.write_text(
        json.dumps(
            {
                "body": json.dumps({"documentId": persisted(SCREEN).id}),
                "empty": endpoints.graphql.removesuffix("graphql") + "empty",
                "emptySeconds": EMPTY_SECONDS,
                "graphql": endpoints.graphql,
                "rate": RATE,
                "seconds": SECONDS,
                "summary": str(summary),
                "tokens": tokens,
            }
        )
    )
    subprocess.run(
        [
            K6,
            "run",
            "--quiet",
            "--address",
            "",
            "--no-usage-report",
            "--env",
            f"PLAN={plan}",
            SCRIPT,
        ],
        env={"HOME": str(folder), "NO_COLOR": "1"},
        check=True,
        timeout=SECONDS + EMPTY_SECONDS + 90,
    )
    metrics = json.loads(summary.read_text())
    return {route: _seen(metrics, route) for route in ("empty", "screen")}


def _seen(metrics: Mapping[str, Any], route: str) -> Seen:
    took = metrics[f"http_req_duration{{scenario:{route}}}"]["values"]
    checked = metrics[f"checks{{scenario:{route}}}"]["values"]
    dropped = metrics.get(f"dropped_iterations{{scenario:{route}}}", {"values": {"count": 0}})
    return Seen(
        requests=int(checked["passes"] + checked["fails"]),
        failed=int(checked["fails"]),
        dropped=int(dropped["values"]["count"]),
        median=took["med"],
        p95=took["p(95)"],
        p99=took["p(99)"],
    )


def measured(folder: Path) -> dict[str, Seen]:
    """On a stack of its own, which ends with the measurement."""
    stack = start(Ports.free(), folder / "stack", auth=True)
    try:
        at = stack.endpoints
        add_empty_route(stack.ports, at.graphql.removesuffix("graphql") + "empty")
        urls = {"graphql": at.graphql, "session": at.session, "sandbox": at.sandbox}
        with ThreadPoolExecutor(2) as pool:
            people = list(pool.map(lambda number: invested(urls, number), range(PEOPLE)))
        tokens = []
        for person in people:
            person.refresh()
            tokens.append(str(person.client.access_token))
            person.client.http.close()
        return ask(at, tokens, folder)
    finally:
        stack.down()


def main() -> None:
    """Print the table."""
    if not K6.exists():
        sys.exit("k6 is missing: run `uv sync --frozen --group bench`")
    with tempfile.TemporaryDirectory() as name:
        seen = measured(Path(name))
    print("| route | requests | failed | not begun | median ms | p95 | p99 |")
    print("|---|---|---|---|---|---|---|")
    for route, each in seen.items():
        print(
            f"| {route} | {each.requests} | {each.failed} | {each.dropped} "
            f"| {each.median:.1f} | {each.p95:.1f} | {each.p99:.1f} |"
        )
    empty, screen = seen["empty"], seen["screen"]
    print(
        f"\nthe screen takes {screen.median / empty.median:.1f} times an empty handler's median, "
        f"{screen.p95 / empty.p95:.1f} times its p95"
    )


if __name__ == "__main__":
    main()
