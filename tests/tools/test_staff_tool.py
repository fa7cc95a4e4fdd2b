"""What the operators' tool says before it does anything."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from shared.users.roles import Role
from tools import staff

ROLE = ("role", "--email", "a@example.com", "--role", "ADMIN", "--reason", "A reason to do so")


def test_without_a_local_stack_it_says_how_to_start_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert staff.main(["--endpoints", str(tmp_path / "none.json"), *ROLE]) == 1
    assert capsys.readouterr().err == "staff: nothing runs here; start it with: make up\n"


@pytest.mark.parametrize("role", ["SYSTEM", "ROOT", ""])
def test_no_person_gets_the_role_of_the_platform_or_an_unknown_one(role: str) -> None:
    with pytest.raises(SystemExit) as refused:
        staff.main(["role", "--email", "a@example.com", "--role", role, "--reason", "A reason"])
    assert refused.value.code == 2


@pytest.mark.parametrize("missing", ["--email", "--role", "--reason"])
def test_nothing_is_taken_for_granted(missing: str) -> None:
    given = list(ROLE)
    place = given.index(missing)
    del given[place : place + 2]
    with pytest.raises(SystemExit) as refused:
        staff.main(given)
    assert refused.value.code == 2


def test_a_stage_that_one_may_not_touch_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(stage: str) -> None:
        assert stage == "prod"
        answer = {"Error": {"Code": "AccessDeniedException", "Message": "not for you"}}
        raise ClientError(answer, "GetFunctionConfiguration")

    monkeypatch.setattr(staff, "_application", denied)
    assert staff.main(["--stage", "prod", *ROLE]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "AccessDeniedException" in said
    assert "not for you" in said


def test_every_role_of_a_person_can_be_given() -> None:
    parser = staff._parser()
    for role in set(Role) - {Role.SYSTEM}:
        asked = parser.parse_args([*ROLE[:4], role.value, *ROLE[5:]])
        assert (asked.role, asked.stage, asked.act) == (role.value, "local", staff.give_role)
