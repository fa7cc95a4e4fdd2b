"""Who reads the lists of what waits and of what staff look at."""

import pytest

from infra.functions import FUNCTIONS
from tests.infra.rights import resources_of
from tests.infra.templates import Synthesised, text

pytestmark = pytest.mark.infra
NAMES = [function.name for function in FUNCTIONS]


def test_lists_of_what_waits_are_read_by_the_sweep_and_those_of_staff_by_the_api(
    prod: Synthesised,
) -> None:
    read = {
        name: {
            index
            for resource in resources_of(prod.statements(name), "dynamodb:Query")
            for index in ("pending", "attention", "holders")
            if f"/index/{index}" in text(resource)
        }
        for name in NAMES
        if name != "scan_upload"
    }
    assert {name: found for name, found in read.items() if found} == {
        "sweep_pending": {"pending"},
        "graphql_api": {"attention", "holders"},
        # Payments without a final word are listed in its reports.
        "reconcile_gateways": {"attention"},
        "reconcile_broker": {"holders"},
        "sweep_portfolios": {"holders"},
        "accrue_fees": {"holders"},
        "monitor_risk": {"holders"},
        "process_corporate_actions": {"holders"},
    }


def test_only_the_sweep_reads_the_index_of_unfinished_things(prod: Synthesised) -> None:
    readers = {
        name
        for name in NAMES
        if name != "scan_upload"
        and any("/index/pending" in text(each) for each in prod.statements(name))
    }
    assert readers == {"sweep_pending"}
