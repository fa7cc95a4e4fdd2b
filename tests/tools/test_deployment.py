"""What is read from a deployment's output, and what may not reach it."""

import json
from pathlib import Path

import pytest

from tools.stack import StackError, deployment, sources
from tools.stack.places import Endpoints, Places, Ports
from tools.stack.wiring import REQUIRED, endpoints_of


def test_the_reason_of_a_failure_is_the_apps_own_last_error() -> None:
    log = "Traceback:\n  File app.py\nKeyError: 'stage'\n\npython: Subprocess exited with error 1\n"

    assert deployment.reason_of(log) == "KeyError: 'stage'"


def test_the_reason_of_a_refused_stack_is_the_line_that_names_it() -> None:
    log = "Deploying...\n❌  Baobab-local-api failed: Unrecognized resource types: [X]\n\nbye\n"

    assert deployment.reason_of(log).endswith("Unrecognized resource types: [X]")


def test_the_reason_of_a_silent_failure_is_told_as_such() -> None:
    assert deployment.reason_of("\n") == "it said nothing"


def test_outputs_of_all_stacks_are_one_mapping_without_exports(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.prepare()
    outputs = {"A": {"One": "1", "ExportsOutputRefX": "x"}, "B": {"Two": "2"}}
    places.outputs.write_text(json.dumps(outputs))

    assert deployment.read_outputs(places) == {"One": "1", "Two": "2"}


def test_outputs_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.prepare()
    places.outputs.write_text(json.dumps({"A": {"One": "1"}, "B": {"One": "2"}}))

    with pytest.raises(StackError, match="One of B contradicts"):
        deployment.read_outputs(places)


def test_an_app_that_lacks_outputs_is_told_all_of_them() -> None:
    given = {key: "x" for key in REQUIRED if key not in ("UserPoolId", "SessionUrl")}

    with pytest.raises(StackError, match="lacks the outputs SessionUrl, UserPoolId"):
        endpoints_of(given, Ports())


def test_endpoints_survive_being_written_and_read() -> None:
    endpoints = endpoints_of({key: f"value of {key}" for key in REQUIRED}, Ports(1, 2))

    assert Endpoints.from_json(endpoints.to_json()) == endpoints
    assert endpoints.aws == "http://127.0.0.1:1"
    assert endpoints.sandbox == "http://127.0.0.1:2"


def test_the_callers_aws_account_never_reaches_a_local_deployment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://aws.example")

    env = deployment.cdk_environment(Ports(aws=4999))

    assert env["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4999"
    assert env["AWS_ACCESS_KEY_ID"] == "test"
    assert "AWS_PROFILE" not in env
    assert "AWS_SESSION_TOKEN" not in env


def test_looking_at_templates_fetches_no_dependencies() -> None:
    command = deployment.synthesis("prod")

    assert command[1] == "synth"
    assert [command[i + 1] for i, word in enumerate(command) if word == "-c"] == [
        "stage=prod",
        "bundle=false",
    ]


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "4566.5"])
def test_a_port_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAOBAB_SANDBOX_PORT", text)

    with pytest.raises(StackError, match="BAOBAB_SANDBOX_PORT"):
        Ports.from_environment()


def test_ports_come_from_the_environment_or_are_the_usual_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BAOBAB_AWS_PORT", "5001")
    monkeypatch.delenv("BAOBAB_SANDBOX_PORT", raising=False)

    assert Ports.from_environment() == Ports(aws=5001, sandbox=4580)


def test_a_fingerprint_follows_contents_and_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "CHECKOUT", tmp_path)
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "a.py").write_text("1")
    first = sources.fingerprint(["code", "absent"])
    assert sources.fingerprint(["code", "absent"]) == first

    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_text("compiled")
    assert sources.fingerprint(["code", "absent"]) == first

    (folder / "a.py").write_text("2")
    changed = sources.fingerprint(["code", "absent"])
    (folder / "a.py").rename(folder / "b.py")
    renamed = sources.fingerprint(["code", "absent"])

    assert len({first, changed, renamed}) == 3
