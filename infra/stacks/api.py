"""The HTTP API and the two functions behind it."""

from aws_cdk import CfnOutput, Environment, Stack, Tags
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.compute import Compute
from infra.functions import GRAPHQL_API, RECEIVE_WEBHOOK
from infra.resources import Resources
from infra.stages import API_ID

POST = [apigateway.HttpMethod.POST]
SESSION = "POST /session"
LOGGED = (
    "requestId",
    "requestTime",
    "routeKey",
    "status",
    "responseLength",
    "responseLatency",
    "integrationErrorMessage",
)
"""Fields of the access log: no address, no path (a webhook's holds a capability), no header."""


class ApiStack(Stack):
    """POST /graphql asks for an access token, POST /session and the webhooks do not."""

    def __init__(self, scope: Construct, at: Resources, env: Environment) -> None:
        super().__init__(scope, at.stage.stack_name("api"), env=env)
        self._at = at
        self.api = apigateway.HttpApi(
            self,
            "Http",
            api_name=at.stage.physical_name("api"),
            create_default_stage=False,
            disable_execute_api_endpoint=at.stage.domain is not None,
        )
        if not at.stage.on_aws:
            Tags.of(self.api).add("ms-custom-id", API_ID)
        base = self._base_url()
        graphql = Compute(self, GRAPHQL_API, at, {"webhook_base_url": f"{base}/webhooks"})
        webhooks = Compute(self, RECEIVE_WEBHOOK, at, {})
        self.functions = {
            "graphql_api": graphql.function,
            "receive_webhook": webhooks.function,
        }
        self._routes(graphql.function, webhooks.function)
        self._stage_of_api()
        for output, path in (
            ("Graphql", "graphql"),
            ("Session", "session"),
            ("Webhooks", "webhooks"),
        ):
            CfnOutput(self, f"{output}Url", value=f"{base}/{path}")

    def _base_url(self) -> str:
        stage = self._at.stage
        if stage.local_webhook_base_url is not None:
            return stage.local_webhook_base_url.removesuffix("/webhooks")
        return f"https://{stage.domain.api}" if stage.domain else self.api.api_endpoint

    def _routes(self, graphql: lambda_.Function, webhooks: lambda_.Function) -> None:
        pool = self._at.user_pool.user_pool_id
        signed_in = authorizers.HttpJwtAuthorizer(
            "SignedIn",
            f"https://cognito-idp.{self.region}.amazonaws.com/{pool}",
            jwt_audience=[self._at.user_pool_client.user_pool_client_id],
        )
        to_graphql = integrations.HttpLambdaIntegration("Graphql", graphql)
        to_webhooks = integrations.HttpLambdaIntegration("Webhooks", webhooks)
        self.routes = [
            *self.api.add_routes(
                path="/graphql", methods=POST, integration=to_graphql, authorizer=signed_in
            ),
            *self.api.add_routes(path="/session", methods=POST, integration=to_graphql),
            *self.api.add_routes(path="/webhooks/{vendor}", methods=POST, integration=to_webhooks),
            *self.api.add_routes(
                path="/webhooks/{vendor}/{token}", methods=POST, integration=to_webhooks
            ),
        ]

    def _stage_of_api(self) -> None:
        stage, throttle = self._at.stage, self._at.stage.throttle
        log = logs.LogGroup(
            self,
            "AccessLog",
            retention=stage.retention,
            encryption_key=self._at.logs_key,
            removal_policy=stage.removal,
        )
        deployed = apigateway.CfnStage(
            self,
            "Live",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=throttle.rate,
                throttling_burst_limit=throttle.burst,
                detailed_metrics_enabled=True,
            ),
            route_settings={
                SESSION: {
                    "ThrottlingRateLimit": throttle.session_rate,
                    "ThrottlingBurstLimit": throttle.session_burst,
                    "DetailedMetricsEnabled": True,
                }
            },
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log.log_group_arn,
                format=self.to_json_string({name: f"$context.{name}" for name in LOGGED}),
            ),
        )
        for route in self.routes:
            # Settings of a route are refused while the route does not exist.
            deployed.node.add_dependency(route)
