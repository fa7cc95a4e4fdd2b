"""Proofs at synthesis: settings and environments agree, and no stage is set up unsoundly."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from graphql_api.limits import Limits
from infra.environment import SettingsMismatch, environment
from infra.functions import FUNCTIONS
from infra.model import Function
from infra.stages import file_context, read_stage
from tests.infra.templates import Synthesised

pytestmark = pytest.mark.infra


def variables(stage: Synthesised, function: Function) -> dict[str, str]:
    """A function's environment; values that only AWS knows are stood in for by a word."""
    found = stage.function(function.name)["Environment"]["Variables"]
    return {
        name: value if isinstance(value, str) else "known-later" for name, value in found.items()
    }


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
def test_settings_load_from_the_environment_that_is_deployed(
    local: Synthesised, function: Function
) -> None:
    given = variables(local, function)
    settings = function.settings.load(given)
    assert settings.cell == "l1"
    assert given.keys() <= function.settings.variables()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
def test_no_required_setting_can_be_left_out(local: Synthesised, function: Function) -> None:
    given = {name.lower(): value for name, value in variables(local, function).items()}
    for name in function.settings.required():
        without = {key: value for key, value in given.items() if key != name.lower()}
        with pytest.raises(SettingsMismatch, match=name):
            environment(function.settings, without)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
def test_no_setting_can_be_given_that_nobody_reads(local: Synthesised, function: Function) -> None:
    given = {name.lower(): value for name, value in variables(local, function).items()}
    with pytest.raises(SettingsMismatch, match="UNHEARD_OF"):
        environment(function.settings, given | {"unheard_of": "x"})


def with_changes(name: str, **changes: object) -> dict[str, Any]:
    context = file_context()
    context["stages"][name] = context["stages"][name] | changes
    return context


def test_an_unknown_stage_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"no stage staging .* local, dev, prod"):
        read_stage(file_context(), name="staging")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("prod", {"secure_cookies": False}),
        ("prod", {"domain": None}),
        ("prod", {"cell": "Kenya"}),
        ("prod", {"prefunding_limit_minor": 0}),
        ("prod", {"invest_now_cap_minor": 0}),
        ("prod", {"prefund_exposure_limit_minor": 0}),
        ("prod", {"fx_position_limit_minor": {"USD": 1}}),
        ("dev", {"misspelt": True}),
        ("dev", {"malware_scanner": "none"}),
        ("dev", {"limits": {"tokens": 0}}),
        ("dev", {"limits": {"tokenz": 10}}),
        ("dev", {"persisted_only": True}),
    ],
)
def test_an_unsound_stage_does_not_synthesise(name: str, changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        read_stage(with_changes(name, **changes), name=name)


def test_production_is_closed_and_the_local_stage_open() -> None:
    prod, local = (read_stage(file_context(), name=name) for name in ("prod", "local"))
    assert (prod.introspection, prod.secure_cookies, prod.keep_data) == (False, True, True)
    assert (local.introspection, local.secure_cookies, local.keep_data) == (True, False, False)
    assert (prod.persisted_only, local.persisted_only) == (True, False)


def test_a_stage_states_the_limits_of_a_request_that_differ() -> None:
    assert read_stage(file_context(), name="dev").graphql_limits == "{}"
    other = read_stage(with_changes("dev", limits={"tokens": 2000}), name="dev")
    assert Limits.of(other.graphql_limits) == Limits(tokens=2000)


def test_no_two_stages_share_a_cell() -> None:
    cells = [each["cell"] for each in file_context()["stages"].values()]
    assert len(set(cells)) == len(cells) == 3


def test_the_local_stage_calls_the_sandbox_for_every_vendor() -> None:
    stage = read_stage(
        file_context(), name="local", aws_port="5001", sandbox_url="http://127.0.0.1:5002"
    )
    assert set(stage.vendors.model_dump().values()) == {
        f"http://127.0.0.1:5002/{path}"
        for path in (
            "stripe",
            "adyen/v72",
            "adyen/reports",
            "daraja",
            "onfido/v3.6",
            "alpaca",
            "alpaca-data",
            "ibkr/v1/api",
            "fx",
        )
    }
    assert stage.local_webhook_base_url == (
        "http://127.0.0.1:5001/_aws/execute-api/baobab/$default/webhooks"
    )


def test_no_stage_on_aws_calls_this_machine() -> None:
    for name in ("dev", "prod"):
        stage = read_stage(file_context(), name=name)
        assert stage.local_webhook_base_url is None
        assert all(url.startswith("https://") for url in stage.vendors.model_dump().values())


def test_synthesis_twice_gives_the_same_templates(
    synthesise: Callable[..., Synthesised], local: Synthesised
) -> None:
    assert synthesise("local").templates == local.templates
