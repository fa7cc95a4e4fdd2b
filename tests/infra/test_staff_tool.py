"""The operators' tool finds the deployed API by the name that the stage gives it."""

import pytest

from infra.functions import GRAPHQL_API
from infra.stages import file_context, read_stage
from tools.staff import function_name

pytestmark = pytest.mark.infra


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_the_tool_asks_for_the_function_that_the_stage_names(stage: str) -> None:
    deployed = read_stage(file_context(), name=stage).physical_name(GRAPHQL_API.name)
    assert function_name(stage) == deployed
