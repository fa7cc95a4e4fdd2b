"""What each function loads before its first event, from the archive that would be deployed."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest

from benchmarks.archives import in_folder, size
from benchmarks.cold import BUDGETS, SLACK, Start, bare, environment_of, start
from infra.botocore_data import SERVICES
from infra.functions import FUNCTIONS
from infra.model import Function
from infra.stages import ROOT

pytestmark = pytest.mark.infra

type Archives = Callable[[tuple[str, ...]], Path]

HELD: dict[str, Any] = json.loads(BUDGETS.read_text())
OURS = {"functions", "graphql_api", "shared"}
UNZIPPED_MAX = 250 * 1024 * 1024
"""AWS takes no larger archive."""
READS_ITSELF = {"anyio/__init__.py", "anyio/abc/__init__.py"}
"""anyio parses its own source for the names that it imports late, whatever bytecode there is."""
SDKS = {"Adyen", "alpaca", "duckdb", "numpy", "onfido", "pandas", "redis", "stripe", "valkey"}
"""What no function loads before it calls the vendor, or counts with it."""
BUNDLED_SDKS = {
    "graphql_api": {"Adyen", "numpy", "redis", "stripe"},
    "settle_deposit": {"Adyen", "stripe"},
    "fund_deposit": {"alpaca", "numpy", "pandas"},
    "recall_cash": {"alpaca", "numpy", "pandas"},
    "accrue_fees": {"alpaca", "numpy", "pandas"},
    "keep_treasury": {"Adyen", "stripe"},
    "handle_dispute": {"Adyen", "stripe"},
    "charge_recurring": {"Adyen", "stripe"},
    "send_payout": {"Adyen", "stripe"},
    "reconcile_gateways": {"Adyen", "stripe"},
    "invest_deposit": {"redis"},
    "sweep_portfolios": {"numpy"},
    "execute_orders": {"alpaca", "numpy", "pandas"},
    "poll_broker_events": {"alpaca", "numpy", "pandas"},
    "reconcile_broker": {"alpaca", "numpy", "pandas"},
    "open_broker_account": {"alpaca", "numpy", "pandas"},
    "refresh_market": {"alpaca", "numpy", "pandas"},
    "collect_history": {"alpaca", "numpy", "pandas"},
    "verify_identity": {"onfido"},
}
"""Whose archive holds which of them; all others hold none."""

each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Archives:
    return in_folder(tmp_path_factory.mktemp("archives"))


@pytest.fixture(scope="session")
def started(archives: Archives) -> Callable[[Function], Start]:
    """Each function's start, made once."""

    @cache
    def of(name: str) -> Start:
        (function,) = [each for each in FUNCTIONS if each.name == name]
        return start(archives(function.groups), function.handler, environment_of(function))

    return lambda function: of(function.name)


@each_function
def test_every_module_of_a_function_is_used_as_compiled(
    function: Function, started: Callable[[Function], Start]
) -> None:
    assert set(started(function).compiled) - READS_ITSELF == set()


@each_function
def test_a_function_loads_no_more_modules_than_its_budget(
    function: Function, started: Callable[[Function], Start]
) -> None:
    budget = HELD[function.name]["modules"]
    # A budget that is far too large holds nothing: one that was beaten is written down anew.
    assert budget - 2 * SLACK <= started(function).modules <= budget


@each_function
def test_a_function_loads_exactly_the_packages_of_its_budget(
    function: Function, started: Callable[[Function], Start]
) -> None:
    assert sorted(started(function).packages - OURS) == HELD[function.name]["packages"]


@each_function
def test_no_function_loads_an_sdk_before_it_is_called(
    function: Function, started: Callable[[Function], Start]
) -> None:
    assert started(function).packages & SDKS == set()


@each_function
def test_an_archive_holds_the_sdks_that_its_function_calls_and_no_other(
    function: Function, archives: Archives
) -> None:
    held = {name for name in SDKS if (archives(function.groups) / name).exists()}
    assert held == BUNDLED_SDKS.get(function.name, set())


@each_function
def test_aws_takes_an_archive_of_this_size(function: Function, archives: Archives) -> None:
    assert size(archives(function.groups)) <= UNZIPPED_MAX


def test_a_budget_belongs_to_every_function_and_to_no_other() -> None:
    assert list(HELD) == [function.name for function in FUNCTIONS]


def test_a_bare_handler_loads_nothing_from_an_archive_but_itself(tmp_path: Path) -> None:
    assert bare(tmp_path).packages == {"bare_handler"}


def test_missing_bytecode_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("import sibling\nhandler = print\n")
    (tmp_path / "sibling.py").write_text("")
    assert start(tmp_path, "module.handler", {}).compiled == ("module.py", "sibling.py")


def test_a_handler_that_cannot_be_imported_is_no_start(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("import missing\n")
    with pytest.raises(RuntimeError, match="No module named 'missing'"):
        start(tmp_path, "module.handler", {})


def test_an_archive_knows_the_endpoints_of_each_service_that_functions_call(
    archives: Archives,
) -> None:
    regions = ("us-east-1", "af-south-1", "eu-central-1", "us-gov-west-1", "cn-north-1")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import boto3, json\n"
        "print(json.dumps({f'{s} {r}': boto3.client(s, region_name=r).meta.endpoint_url"
        f" for s in {SERVICES!r} for r in {regions!r}}}))"
    )
    told = subprocess.run(
        [getattr(sys, "_base_executable", sys.executable), "-I", "-S", "-c", code, archives(())],
        env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout) == {
        f"{service} {region}": boto3.client(service, region_name=region).meta.endpoint_url
        for service in SERVICES
        for region in regions
    }


def test_only_services_that_an_archive_describes_are_called() -> None:
    called = {
        line.partition("boto3.client(")[2].lstrip().split('"')[1]
        for folder in ("functions", "graphql/graphql_api", "shared")
        for file in (ROOT / folder).rglob("*.py")
        for line in file.read_text().replace("boto3.client(\n", "boto3.client(").splitlines()
        if "boto3.client(" in line
    }
    assert called | {"sts"} == set(SERVICES)
