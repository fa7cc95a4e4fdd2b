"""The HTTP API and the two functions behind it."""

import json

from aws_cdk import CfnOutput, Duration, Environment, Stack, Tags, Token
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.alarms import alarm
from infra.compute import Compute
from infra.functions import GRAPHQL_API, RECEIVE_WEBHOOK
from infra.grants import allow
from infra.resources import Resources
from infra.stacks.edge import ORIGIN_FIELD, origin_secret_name
from infra.stacks.edge import REGION as EDGE_REGION
from infra.stages import API_ID, Domain

POST = [apigateway.HttpMethod.POST]
GET = [apigateway.HttpMethod.GET]
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
            cors_preflight=self._pages(),
        )
        if not at.stage.on_aws:
            Tags.of(self.api).add("ms-custom-id", API_ID)
        base = self._base_url()
        self.webhook_base_url = f"{base}/webhooks"
        secret = self._origin_secret() if at.stage.domain is not None else None
        shown = {} if secret is None else {"origin_secret": secret.secret_arn}
        told = {"webhook_base_url": self.webhook_base_url, **shown}
        graphql = Compute(self, GRAPHQL_API, at, told)
        webhooks = Compute(self, RECEIVE_WEBHOOK, at, shown)
        if secret is not None:
            for function in (graphql, webhooks):
                # Its key is AWS's own, which lets everybody in who may read the secret.
                function.allow(allow(["secretsmanager:GetSecretValue"], [secret.secret_arn]))
        self.functions = {
            "graphql_api": graphql.function,
            "receive_webhook": webhooks.function,
        }
        self._routes(graphql.called, webhooks.called)
        self._stage_of_api()
        if at.stage.domain is not None:
            self._origin(at.stage.domain)
        for output, path in (
            ("Graphql", "graphql"),
            ("Session", "session"),
            ("Webhooks", "webhooks"),
        ):
            CfnOutput(self, f"{output}Url", value=f"{base}/{path}")

    def _pages(self) -> apigateway.CorsPreflightOptions:
        """The web app lives on a host of its own; its pages alone may ask, with the cookie."""
        return apigateway.CorsPreflightOptions(
            allow_origins=[self._at.stage.app_url],
            allow_methods=[apigateway.CorsHttpMethod.POST],
            allow_headers=["authorization", "content-type"],
            allow_credentials=True,
            expose_headers=["x-correlation-id", "retry-after"],
            max_age=Duration.hours(1),
        )

    def _base_url(self) -> str:
        stage = self._at.stage
        if stage.local_webhook_base_url is not None:
            return stage.local_webhook_base_url.removesuffix("/webhooks")
        return f"https://{stage.domain.api}" if stage.domain else self.api.api_endpoint

    def _routes(self, graphql: lambda_.IFunction, webhooks: lambda_.IFunction) -> None:
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
        if self._at.stage.introspection:
            # A page to write queries on, which a browser opens without a token; without one it
            # answers what anybody may know, such as the schema.
            for path in ("/graphql", "/session"):
                self.routes += self.api.add_routes(path=path, methods=GET, integration=to_graphql)

    def _stage_of_api(self) -> None:
        stage, throttle = self._at.stage, self._at.stage.throttle
        log = logs.LogGroup(
            self,
            "AccessLog",
            retention=stage.retention,
            encryption_key=self._at.logs_key,
            removal_policy=stage.removal,
        )
        self.live = apigateway.CfnStage(
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
                # Without the ":*" of the group's own ARN, which would look like drift.
                destination_arn=self._at.arn("logs", f"log-group:{log.log_group_name}"),
                format=self.to_json_string({name: f"$context.{name}" for name in LOGGED}),
            ),
        )
        self._alarms()
        for route in self.routes:
            # Settings of a route are refused while the route does not exist.
            self.live.node.add_dependency(route)

    def _alarms(self) -> None:
        stage, minutes = self._at.stage, Duration.minutes(5)
        failed = self.api.metric_server_error(period=minutes, statistic="Sum")
        slow = self.api.metric_latency(period=minutes, statistic="p99")
        alarm(self, stage, "api-5xx", failed, above=0, periods=1)
        alarm(self, stage, "api-latency", slow, above=3000, periods=3)

    def _origin(self, domain: Domain) -> None:
        """The name that only the edge calls."""
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=domain.zone_id, zone_name=domain.zone_name
        )
        name = apigateway.DomainName(
            self,
            "Origin",
            domain_name=domain.origin,
            certificate=acm.Certificate(
                self,
                "OriginCertificate",
                domain_name=domain.origin,
                validation=acm.CertificateValidation.from_dns(zone),
            ),
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
        )
        apigateway.CfnApiMapping(
            self,
            "OriginMapping",
            api_id=self.api.api_id,
            domain_name=name.name,
            stage=self.live.ref,
        )
        alias = targets.ApiGatewayv2DomainProperties(
            name.regional_domain_name, name.regional_hosted_zone_id
        )
        route53.ARecord(
            self,
            "OriginAlias",
            zone=zone,
            record_name=domain.origin,
            target=route53.RecordTarget.from_alias(alias),
        )

    def _origin_secret(self) -> secretsmanager.Secret:
        """By it the edge is known: CloudFront shows it, the functions compare it."""
        elsewhere = not Token.is_unresolved(self.region) and self.region != EDGE_REGION
        return secretsmanager.Secret(
            self,
            "OriginSecret",
            secret_name=origin_secret_name(self._at.stage),
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({}),
                generate_string_key=ORIGIN_FIELD,
                password_length=48,
                exclude_punctuation=True,
            ),
            replica_regions=[secretsmanager.ReplicaRegion(region=EDGE_REGION)]
            if elsewhere
            else None,
            removal_policy=self._at.stage.removal,
        )
