"""A CDK app with what the local stack expects of any: one function, one route, five secrets."""

import sys
import textwrap

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_scheduler as schedules
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_apigatewayv2_authorizers import HttpUserPoolAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from aws_cdk.aws_lambda_event_sources import SqsEventSource

SOURCE = """
    import json, os, boto3

    def handler(event, context):
        if "Records" in event:
            work = [json.loads(record["body"]) for record in event["Records"]]
            if work != [{"refresh": "prices"}]:
                raise ValueError(work)
            secret = boto3.client("secretsmanager")
            secret.get_secret_value(SecretId=os.environ["STRIPE"])
            return {"batchItemFailures": []}
        return {"statusCode": 200, "body": json.dumps({"data": {"__typename": "Query"}})}
"""

app = cdk.App()
stage, port = app.node.try_get_context("stage"), app.node.try_get_context("aws_port")
env = cdk.Environment(account="000000000000", region="us-east-1")
identity = cdk.Stack(app, f"Baobab-{stage}-identity", env=env)
api = cdk.Stack(app, f"Baobab-{stage}-api", env=env)
cdk.Stack(app, f"Other-{stage}-edge", env=env)

pool = cognito.UserPool(identity, "Pool")
pool_client = pool.add_client("Web")
function = functions.Function(
    api,
    "Function",
    runtime=functions.Runtime.PYTHON_3_13,
    handler="index.handler",
    code=functions.Code.from_inline(textwrap.dedent(SOURCE)),
    timeout=cdk.Duration.seconds(30),
)
queue = sqs.Queue(api, "Market", visibility_timeout=cdk.Duration.seconds(60))
function.add_event_source(SqsEventSource(queue))
scheduler = iam.Role(api, "Scheduler", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"))
queue.grant_send_messages(scheduler)
schedules.CfnSchedule(
    api,
    "Refresh",
    flexible_time_window={"mode": "OFF"},
    schedule_expression="rate(1 day)",
    target={
        "arn": queue.queue_arn,
        "roleArn": scheduler.role_arn,
        "input": '{"refresh": "prices"}',
    },
)
names = {}
for vendor in ("Stripe", "Adyen", "Daraja", "Onfido", "Broker", "Ibkr", "Session", "C2bToken"):
    drawn = secretsmanager.SecretStringGenerator(
        secret_string_template="{}", generate_string_key="token", exclude_punctuation=True
    )
    secret = secretsmanager.Secret(api, vendor, generate_secret_string=drawn)
    names[f"{vendor}SecretName"] = secret.secret_name
    if vendor == "Stripe":
        secret.grant_read(function)
        function.add_environment("STRIPE", secret.secret_arn)

http = gateway.HttpApi(api, "Http")
cdk.Tags.of(http).add("ms-custom-id", "baobab")
integration = HttpLambdaIntegration("Integration", function)
only_users = HttpUserPoolAuthorizer("Users", pool, user_pool_clients=[pool_client])
http.add_routes(
    path="/graphql",
    methods=[gateway.HttpMethod.POST],
    integration=integration,
    authorizer=only_users,
)
http.add_routes(path="/session", methods=[gateway.HttpMethod.POST], integration=integration)

base = f"http://127.0.0.1:{port}/_aws/execute-api/baobab/$default"
outputs = {
    "GraphqlUrl": f"{base}/graphql",
    "SessionUrl": f"{base}/session",
    "WebhooksUrl": f"{base}/webhooks",
    "UserPoolId": pool.user_pool_id,
    "UserPoolClientId": pool_client.user_pool_client_id,
    "RefreshMarketFunction": function.function_name,
    "SandboxUrl": app.node.try_get_context("sandbox_url"),
    "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
    **names,
}
for key, value in outputs.items():
    cdk.CfnOutput(api, key, value=value)
app.synth()
