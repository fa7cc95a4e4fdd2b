"""A stack comes up through the real CDK, is reused, is brought up to date and ends."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.config import SandboxConfig
from tools.stack import Endpoints, Ports, Stack, StackError, deployment, sources, wiring
from tools.stack.places import CHECKOUT

pytestmark = pytest.mark.journey

SOURCES = {"servers": "as they are", "application": "as it is"}
APP = str(Path(__file__).parent / "small_app.py")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack"), Ports.free(), APP)
    with pytest.MonkeyPatch.context() as patch:
        # Somebody may save a file of the checkout while this runs.
        patch.setattr(sources, "state", lambda: dict(SOURCES))
        stack.up(tied=True)
        yield stack
        stack.down()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _refresh(stack: Stack) -> str:
    return stack.endpoints.outputs["RefreshMarketFunction"]


def _pids(stack: Stack) -> tuple[int | None, int | None]:
    return stack.servers.aws.pid(), stack.servers.sandbox.pid()


def test_every_endpoint_of_a_stack_that_is_up_is_written_down_and_answers(stack: Stack) -> None:
    endpoints = Endpoints.from_json(stack.places.endpoints.read_text())

    assert endpoints == stack.endpoints
    assert httpx.post(endpoints.session, json={}).json() == {"data": {"__typename": "Query"}}
    assert httpx.post(endpoints.graphql, json={}).status_code == 401
    assert httpx.get(f"{endpoints.sandbox}/health").status_code == 200
    assert endpoints.outputs["SandboxUrl"] == endpoints.sandbox
    assert endpoints.outputs["Python"] == "3.13"
    assert endpoints.user_pool_id.startswith("us-east-1_")


def test_the_platform_knows_the_credentials_that_the_sandbox_asks_for(stack: Stack) -> None:
    secrets = deployment.client("secretsmanager", stack.ports)
    sandbox = SandboxConfig()

    def value(output: str) -> Any:
        name = stack.endpoints.outputs[output]
        return json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])

    assert value("StripeSecretName") == {
        "api_key": sandbox.stripe_api_key,
        "webhook_secrets": [sandbox.stripe_webhook_secret],
    }
    assert value("AdyenSecretName") == {
        "api_key": sandbox.adyen_api_key,
        "merchant_account": sandbox.adyen_merchant_account,
        "hmac_keys": [sandbox.adyen_hmac_key],
        "report_user": sandbox.adyen_report_user,
        "report_password": sandbox.adyen_report_password,
    }
    daraja = value("DarajaSecretName")
    assert daraja.pop("certificate").startswith("-----BEGIN CERTIFICATE-----")
    assert daraja == {
        "consumer_key": sandbox.daraja_consumer_key,
        "consumer_secret": sandbox.daraja_consumer_secret,
        "shortcode": sandbox.daraja_shortcode,
        "passkey": sandbox.daraja_passkey,
        "payout_shortcode": sandbox.daraja_payout_shortcode,
        "initiator": sandbox.daraja_initiator,
        "initiator_password": sandbox.daraja_initiator_password,
    }
    assert value("OnfidoSecretName") == {
        "api_token": sandbox.onfido_api_token,
        "webhook_token": sandbox.onfido_webhook_token,
    }
    assert value("BrokerSecretName") == {
        "key": sandbox.alpaca_key,
        "secret": sandbox.alpaca_secret,
        "firm_account": sandbox.alpaca_firm_account,
        "webhook_secrets": [sandbox.broker_webhook_secret],
    }


def test_the_sandbox_knows_where_the_platform_takes_webhooks(stack: Stack) -> None:
    settings = httpx.get(f"{stack.endpoints.sandbox}/_control/config").json()

    base = stack.endpoints.webhooks
    assert settings["stripe_webhook_url"] == f"{base}/stripe"
    assert settings["adyen_webhook_url"] == f"{base}/adyen"
    assert settings["onfido_webhook_url"] == f"{base}/onfido"
    assert settings["broker_webhook_url"] == f"{base}/broker"


def test_a_price_refresh_that_fails_is_told(stack: Stack) -> None:
    queue_arn = wiring.scheduled_work(_refresh(stack), stack.ports)["Records"][0]["eventSourceARN"]
    scheduler = deployment.client("scheduler", stack.ports)
    summary = scheduler.list_schedules()["Schedules"][0]
    schedule = scheduler.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
    kept = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow")
    target = {**schedule["Target"], "Input": '{"refresh": "nothing"}'}
    scheduler.update_schedule(Target=target, **{key: schedule[key] for key in kept})

    with pytest.raises(StackError, match="the price refresh failed"):
        wiring.refresh_market(stack.endpoints.outputs, stack.ports)

    scheduler.update_schedule(Target=schedule["Target"], **{key: schedule[key] for key in kept})
    wiring.refresh_market(stack.endpoints.outputs, stack.ports)
    assert queue_arn == schedule["Target"]["Arn"]


def test_work_that_no_schedule_brings_is_refused(stack: Stack) -> None:
    with pytest.raises(StackError, match="no schedule feeds a queue of nobody"):
        wiring.scheduled_work("nobody", stack.ports)


def test_only_the_local_stacks_are_deployed(stack: Stack) -> None:
    deployed = deployment.client("cloudformation", stack.ports).describe_stacks()["Stacks"]

    assert sorted(s["StackName"] for s in deployed) == ["Baobab-local-api", "Baobab-local-identity"]


def test_a_second_up_reuses_what_runs(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    before, endpoints = _pids(stack), stack.endpoints
    monkeypatch.setattr(deployment, "deploy", lambda *_: pytest.fail("deployed again"))

    assert Stack(stack.places.root, stack.ports, APP).up() == endpoints
    assert _pids(stack) == before


def test_changed_code_is_deployed_onto_the_running_servers(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _pids(stack)
    changed = {**SOURCES, "application": "changed"}
    monkeypatch.setattr(sources, "state", lambda: changed)
    deployed = []
    stock = deployment.deploy
    monkeypatch.setattr(deployment, "deploy", lambda *a: deployed.append(a) or stock(*a))

    stack.up()

    assert len(deployed) == 1
    assert _pids(stack) == before
    assert json.loads(stack.places.deployed.read_text()) == changed


def test_a_failed_deployment_says_why_and_leaves_what_runs(stack: Stack, tmp_path: Path) -> None:
    before, endpoints = _pids(stack), stack.endpoints
    broken = tmp_path / "app.py"
    broken.write_text("raise ValueError('no such stage')")

    with pytest.raises(StackError, match="ValueError: no such stage"):
        Stack(stack.places.root, stack.ports, str(broken)).deploy()

    assert _pids(stack) == before
    assert stack.endpoints == endpoints


def test_a_taken_port_is_named_with_the_way_out(stack: Stack, tmp_path: Path) -> None:
    other = Stack(tmp_path, stack.ports, APP)

    with pytest.raises(StackError, match=f"port {stack.ports.aws} is in use.*BAOBAB_AWS_PORT"):
        other.up()

    assert None not in _pids(stack)


def test_a_failed_start_leaves_no_process_behind(tmp_path: Path) -> None:
    broken = tmp_path / "app.py"
    broken.write_text("raise SystemExit(1)")
    stack = Stack(tmp_path / "stack", Ports.free(), str(broken))

    with pytest.raises(StackError, match="cdk deploy failed"):
        stack.up(tied=True)

    assert _pids(stack) == (None, None)
    assert not _listens(stack.ports.aws)
    assert not _listens(stack.ports.sandbox)
    assert not stack.places.endpoints.exists()


def test_down_ends_the_servers_and_forgets_the_endpoints(stack: Stack) -> None:
    assert stack.down() is True

    assert _pids(stack) == (None, None)
    assert not _listens(stack.ports.aws)
    assert not _listens(stack.ports.sandbox)
    with pytest.raises(StackError, match="make up"):
        _ = stack.endpoints
    assert stack.down() is False


def test_the_command_line_tells_a_bad_port_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.stack", "status"],
        cwd=CHECKOUT,
        env={**os.environ, "BAOBAB_AWS_PORT": "many"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert done.stderr == ("stack: BAOBAB_AWS_PORT=many is no port: set a number from 1 to 65535\n")
