"""The price cache on AWS: only with a stage that wants it, and only for prices."""

import pytest
from pydantic import ValidationError

from infra.functions import FUNCTIONS
from infra.stages import file_context, read_stage
from tests.infra.templates import Synthesised, text

pytestmark = pytest.mark.infra
USERS = {each.name for each in FUNCTIONS if each.price_cache}


@pytest.fixture(scope="session")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    import json

    from aws_cdk import App, Environment

    from infra.platform import build

    context = file_context()
    context["stages"]["prod"]["price_cache"] = {"nat_gateways": 2}
    folder = tmp_path_factory.mktemp("cached")
    app = App(context=context, outdir=str(folder), analytics_reporting=False)
    stage = read_stage(context, name="prod", bundle=False)
    build(app, stage, Environment(account="111122223333", region="af-south-1"))
    app.synth()
    return Synthesised(
        "prod",
        {
            file.name.removesuffix(".template.json").rsplit("-", 1)[1]: json.loads(file.read_text())
            for file in folder.glob("*.template.json")
        },
    )


def test_a_stage_without_a_cache_has_no_network(prod: Synthesised, local: Synthesised) -> None:
    for stage in (prod, local):
        assert stage.of_type("AWS::EC2::VPC") == {}
        assert stage.of_type("AWS::ElastiCache::ServerlessCache") == {}
        for name in USERS:
            assert "VpcConfig" not in stage.function(name)
            variables = stage.function(name)["Environment"]["Variables"]
            assert "PRICE_CACHE_URL" not in variables


def test_functions_that_read_prices_often_use_it_and_no_other(cached: Synthesised) -> None:
    assert {"graphql_api", "invest_deposit"} == USERS
    for found in cached.of_type("AWS::Lambda::Function").values():
        name = found["FunctionName"].removeprefix("baobab-prod-").replace("-", "_")
        variables = found.get("Environment", {}).get("Variables", {})
        assert ("VpcConfig" in found) == ("PRICE_CACHE_URL" in variables) == (name in USERS)
        if name in USERS:
            assert variables["PRICE_CACHE_NAME"] == "baobab-prod-prices"
            assert "rediss://baobab-prod-functions@" in text(variables["PRICE_CACHE_URL"])


def test_it_is_a_sealed_valkey_that_asks_for_a_signed_token(cached: Synthesised) -> None:
    cache = cached.one("AWS::ElastiCache::ServerlessCache")
    assert (cache["Engine"], cache["UserGroupId"]) == ("valkey", "baobab-prod-prices")
    assert "DataKey" in text(cache["KmsKeyId"])
    assert cache["CacheUsageLimits"]["DataStorage"] == {"Maximum": 1, "Unit": "GB"}
    user = cached.one("AWS::ElastiCache::User")
    assert user["AuthenticationMode"] == {"Type": "iam"}
    # One who reads and writes prices: no listing, no deleting, no scripts, no settings.
    assert user["AccessString"] == "on ~{market}:* -@all +get +mget +set +client|setinfo"
    assert cached.one("AWS::ElastiCache::UserGroup")["UserIds"] == [user["UserId"]]


def test_only_functions_of_the_network_reach_it(cached: Synthesised) -> None:
    doors = cached.of_type("AWS::EC2::SecurityGroupIngress").values()
    assert {each["FromPort"] for each in doors} == {6379, 6380}
    assert all("Clients" in text(each["SourceSecurityGroupId"]) for each in doors)
    assert all("Cidr" not in text(each) for each in doors)
    assert len(cached.of_type("AWS::EC2::NatGateway")) == 2
    subnets = text(cached.one("AWS::ElastiCache::ServerlessCache")["SubnetIds"])
    assert "cacheSubnet" in subnets
    assert "public" not in subnets


def test_a_function_may_connect_as_that_user_to_that_cache(cached: Synthesised) -> None:
    for name in USERS:
        (found,) = [
            each for each in cached.statements(name) if each["Action"] == ["elasticache:Connect"]
        ]
        assert len(found["Resource"]) == 2
        assert "*" not in found["Resource"]
    for function in FUNCTIONS:
        if function.name not in USERS | {"scan_upload"}:
            assert "elasticache" not in text(cached.statements(function.name))


def test_a_local_stage_is_told_of_a_server_and_makes_none() -> None:
    stage = read_stage(file_context(), name="local", price_cache_url="redis://127.0.0.1:9")
    assert stage.local_price_cache_url == "redis://127.0.0.1:9"
    assert read_stage(file_context(), name="local").local_price_cache_url is None
    context = file_context()
    context["stages"]["local"]["price_cache"] = {}
    with pytest.raises(ValidationError, match="price_cache needs AWS"):
        read_stage(context, name="local")
