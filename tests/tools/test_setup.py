"""Set-up installs once, again when a lock changes, and says in one line what is missing."""

from pathlib import Path

import pytest

from tools import setup


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(setup, "LOG", tmp_path / "log" / "setup.log")


def test_a_step_runs_once_and_again_when_its_lock_changes(tmp_path: Path) -> None:
    proof, runs = tmp_path / "proof", []

    def install() -> None:
        runs.append(1)
        proof.touch()

    setup.step("thing", proof, "lock 1", install)
    setup.step("thing", proof, "lock 1", install)
    assert len(runs) == 1

    setup.step("thing", proof, "lock 2", install)
    assert len(runs) == 2


def test_a_step_runs_again_when_what_it_installed_is_gone(tmp_path: Path) -> None:
    proof, runs = tmp_path / "proof", []
    proof.touch()
    setup.step("thing", proof, "lock", lambda: runs.append(1))
    proof.unlink()

    setup.step("thing", proof, "lock", lambda: runs.append(1))

    assert len(runs) == 2


def test_a_step_that_failed_is_not_taken_for_done(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    proof.touch()
    setup.step("thing", proof, "lock", lambda: None)

    def fail() -> None:
        raise setup.SetupError("no network")

    with pytest.raises(setup.SetupError):
        setup.step("thing", proof, "newer lock", fail)
    runs: list[int] = []
    setup.step("thing", proof, "lock", lambda: runs.append(1))

    assert runs == [1]


def test_a_command_that_fails_is_answered_with_the_mend() -> None:
    with pytest.raises(setup.SetupError, match=r"^install it \(all of it: .*setup\.log\)$"):
        setup.run(["sh", "-c", "echo broken; exit 3"], "install it")

    assert "broken" in setup.LOG.read_text()


def test_a_command_that_does_not_exist_is_answered_with_the_mend() -> None:
    with pytest.raises(setup.SetupError, match="install it"):
        setup.run(["/nowhere/tool"], "install it")


def test_a_tool_without_a_readable_version_is_not_new_enough(tmp_path: Path) -> None:
    odd = tmp_path / "uv"
    odd.write_text("#!/bin/sh\necho uv unknown\n")
    odd.chmod(0o755)

    assert setup.version_of(odd) == ()
    assert setup.version_of(tmp_path / "absent") == ()


def test_installers_are_not_led_astray_by_the_callers_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "/elsewhere")

    env = setup.environment()

    assert "VIRTUAL_ENV" not in env
    assert "UV_PROJECT_ENVIRONMENT" not in env
    assert env["UV_COMPILE_BYTECODE"] == "1"


def test_the_locks_name_no_place_and_hash_everything() -> None:
    for lock in ("aws.txt", "node.txt", "uv.txt"):
        text = (setup.LOCKS / lock).read_text()
        pins = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
        assert "http" not in text
        assert len(pins) > 0
        assert all(line.endswith("\\") for line in pins)
    npm = (setup.ROOT / "tools" / "cdk" / "package-lock.json").read_text()
    assert "http" not in npm
    assert '"integrity"' in npm
