"""The HTTP API: its routes, who may call them, how often, and what is logged."""

import json

import pytest

from tests.infra.templates import Synthesised, text

pytestmark = pytest.mark.infra

ROUTE = "AWS::ApiGatewayV2::Route"
STAGE = "AWS::ApiGatewayV2::Stage"
API = "AWS::ApiGatewayV2::Api"


def outputs(stage: Synthesised) -> dict[str, object]:
    return {
        key: value["Value"]
        for template in stage.templates.values()
        for key, value in template.get("Outputs", {}).items()
        if not key.startswith("ExportsOutput")
    }


def test_there_are_four_routes_and_only_graphql_asks_for_a_token(prod: Synthesised) -> None:
    routes = {each["RouteKey"]: each["AuthorizationType"] for each in prod.of_type(ROUTE).values()}
    assert routes == {
        "POST /graphql": "JWT",
        "POST /session": "NONE",
        "POST /webhooks/{vendor}": "NONE",
        "POST /webhooks/{vendor}/{token}": "NONE",
    }


def test_queries_by_get_have_routes_where_the_schema_may_be_asked_for(dev: Synthesised) -> None:
    routes = {each["RouteKey"]: each["AuthorizationType"] for each in dev.of_type(ROUTE).values()}
    assert {key: kind for key, kind in routes.items() if not key.startswith("POST ")} == {
        "GET /graphql": "NONE",
        "GET /session": "NONE",
    }
    assert routes["POST /graphql"] == "JWT"


def test_webhooks_and_people_are_answered_by_different_functions(prod: Synthesised) -> None:
    integrations = prod.of_type("AWS::ApiGatewayV2::Integration")
    answered = {}
    for route in prod.of_type(ROUTE).values():
        line = text(route["Target"])
        (found,) = [each for id_, each in integrations.items() if id_ in line]
        answered[route["RouteKey"]] = (
            "webhook" if "receivewebhook" in text(found["IntegrationUri"]) else "graphql"
        )
    assert answered == {
        "POST /graphql": "graphql",
        "POST /session": "graphql",
        "POST /webhooks/{vendor}": "webhook",
        "POST /webhooks/{vendor}/{token}": "webhook",
    }


def test_tokens_must_come_from_our_pool_for_our_client(prod: Synthesised) -> None:
    authorizer = prod.one("AWS::ApiGatewayV2::Authorizer")
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    issuer = text(authorizer["JwtConfiguration"]["Issuer"])
    assert "https://cognito-idp.af-south-1.amazonaws.com/" in issuer
    (audience,) = authorizer["JwtConfiguration"]["Audience"]
    assert "UsersBackend" in text(audience)


def test_session_operations_are_throttled_harder(prod: Synthesised) -> None:
    stage = prod.one(STAGE)
    assert stage["DefaultRouteSettings"] == {
        "DetailedMetricsEnabled": True,
        "ThrottlingBurstLimit": 1000,
        "ThrottlingRateLimit": 500,
    }
    assert stage["RouteSettings"] == {
        "POST /session": {
            "DetailedMetricsEnabled": True,
            "ThrottlingBurstLimit": 40,
            "ThrottlingRateLimit": 20,
        }
    }


def test_settings_of_a_route_wait_for_the_route(prod: Synthesised) -> None:
    (stage,) = [each for _, each in prod.resources() if each["Type"] == STAGE]
    assert prod.of_type(ROUTE).keys() <= set(stage["DependsOn"])


def test_the_access_log_holds_neither_paths_nor_people(prod: Synthesised) -> None:
    log = prod.one(STAGE)["AccessLogSettings"]
    assert "AccessLog" in text(log["DestinationArn"])
    logged = set(json.loads(log["Format"]).values())
    assert "$context.requestId" in logged
    assert "$context.routeKey" in logged
    for private in ("path", "identity", "authorizer", "header", "sourceIp"):
        assert private not in log["Format"], private


def test_pages_of_the_web_app_and_no_others_may_call_with_a_cookie(
    prod: Synthesised, local: Synthesised
) -> None:
    assert prod.one(API)["CorsConfiguration"] == {
        "AllowCredentials": True,
        "AllowHeaders": ["authorization", "content-type"],
        "AllowMethods": ["POST"],
        "AllowOrigins": ["https://app.baobab.example"],
        "ExposeHeaders": ["x-correlation-id", "retry-after"],
        "MaxAge": 3600,
    }
    assert local.one(API)["CorsConfiguration"]["AllowOrigins"] == ["http://127.0.0.1:5173"]


def test_behind_an_edge_the_api_has_no_address_of_its_own(
    prod: Synthesised, dev: Synthesised
) -> None:
    assert prod.one(API)["DisableExecuteApiEndpoint"] is True
    assert dev.one(API)["DisableExecuteApiEndpoint"] is False


def test_the_origin_speaks_tls_under_a_name_of_its_own(prod: Synthesised) -> None:
    domain = prod.one("AWS::ApiGatewayV2::DomainName")
    assert domain["DomainName"] == "origin.baobab.example"
    (configuration,) = domain["DomainNameConfigurations"]
    assert configuration["SecurityPolicy"] == "TLS_1_2"
    assert prod.of_type("AWS::ApiGatewayV2::ApiMapping") != {}


def test_the_origins_secret_is_copied_to_the_edges_region(prod: Synthesised) -> None:
    secret = prod.one("AWS::SecretsManager::Secret", "api")
    assert secret["Name"] == "baobab-prod-origin"
    assert secret["ReplicaRegions"] == [{"Region": "us-east-1"}]


def test_server_errors_and_slow_answers_ring(prod: Synthesised) -> None:
    names = {each["AlarmName"] for each in prod.of_type("AWS::CloudWatch::Alarm").values()}
    assert {"baobab-prod-api-5xx", "baobab-prod-api-latency"} <= names


def test_the_local_api_has_a_known_address(local: Synthesised) -> None:
    assert local.one(API)["Tags"]["ms-custom-id"] == "baobab"
    base = "http://127.0.0.1:4566/_aws/execute-api/baobab/$default"
    found = outputs(local)
    assert found["GraphqlUrl"] == f"{base}/graphql"
    assert found["SessionUrl"] == f"{base}/session"
    assert found["WebhooksUrl"] == f"{base}/webhooks"


def test_outputs_name_what_a_deployer_needs(prod: Synthesised, local: Synthesised) -> None:
    wanted = {
        "GraphqlUrl",
        "SessionUrl",
        "WebhooksUrl",
        "UserPoolId",
        "UserPoolClientId",
        "StripeSecretName",
        "AdyenSecretName",
        "DarajaSecretName",
        "OnfidoSecretName",
        "BrokerSecretName",
        "IbkrSecretName",
        "SessionSecretName",
        "RefreshMarketFunction",
    }
    assert wanted <= outputs(prod).keys()
    assert wanted <= outputs(local).keys()
    assert outputs(prod)["WebhooksUrl"] == "https://api.baobab.example/webhooks"


def test_functions_learn_the_public_address_of_webhooks(
    prod: Synthesised, local: Synthesised
) -> None:
    variables = prod.function("graphql_api")["Environment"]["Variables"]
    assert variables["WEBHOOK_BASE_URL"] == "https://api.baobab.example/webhooks"
    variables = local.function("graphql_api")["Environment"]["Variables"]
    assert variables["WEBHOOK_BASE_URL"] == outputs(local)["WebhooksUrl"]
