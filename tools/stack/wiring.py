"""Makes a deployed stack usable: the vendors' credentials, their webhooks, the first prices."""

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from shared.kernel.clock import SystemClock
from shared.payments.providers.daraja_client import DarajaClient
from shared.payments.providers.daraja_menu import register_urls
from shared.platform.http import http_client
from tools.stack.deployment import client
from tools.stack.places import REGION, Endpoints, Ports, StackError
from tools.stack.servers import aws_url, sandbox_url

ANSWER_WITHIN_S = 60.0
BROKEN = "Worker init failed"
REQUIRED = (
    "GraphqlUrl",
    "SessionUrl",
    "WebhooksUrl",
    "UserPoolId",
    "UserPoolClientId",
    "StripeSecretName",
    "AdyenSecretName",
    "DarajaSecretName",
    "C2bTokenSecretName",
    "OnfidoSecretName",
    "BrokerSecretName",
    "IbkrSecretName",
    "RefreshMarketFunction",
)


def secret_values(sandbox: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By the output that names the secret: what the platform must know of each vendor."""
    return {
        "StripeSecretName": {
            "api_key": sandbox["stripe_api_key"],
            "webhook_secrets": [sandbox["stripe_webhook_secret"]],
        },
        "AdyenSecretName": {
            "api_key": sandbox["adyen_api_key"],
            "merchant_account": sandbox["adyen_merchant_account"],
            "hmac_keys": [sandbox["adyen_hmac_key"]],
            "report_user": sandbox["adyen_report_user"],
            "report_password": sandbox["adyen_report_password"],
        },
        "DarajaSecretName": {
            "consumer_key": sandbox["daraja_consumer_key"],
            "consumer_secret": sandbox["daraja_consumer_secret"],
            "shortcode": sandbox["daraja_shortcode"],
            "passkey": sandbox["daraja_passkey"],
            "payout_shortcode": sandbox["daraja_payout_shortcode"],
            "initiator": sandbox["daraja_initiator"],
            "initiator_password": sandbox["daraja_initiator_password"],
            "certificate": sandbox["daraja_certificate"],
        },
        "OnfidoSecretName": {
            "api_token": sandbox["onfido_api_token"],
            "webhook_token": sandbox["onfido_webhook_token"],
        },
        "BrokerSecretName": {
            "key": sandbox["alpaca_key"],
            "secret": sandbox["alpaca_secret"],
            "firm_account": sandbox["alpaca_firm_account"],
            "webhook_secrets": [sandbox["broker_webhook_secret"]],
        },
        "IbkrSecretName": {"token": sandbox["ibkr_token"]},
    }


def connect_vendors(outputs: Mapping[str, str], ports: Ports) -> None:
    """Gives the platform the sandbox's credentials, and the sandbox the platform's address."""
    with httpx.Client(base_url=sandbox_url(ports), timeout=10, trust_env=False) as sandbox:
        settings = sandbox.get("/_control/config").raise_for_status().json()
        sealing = sandbox.get("/_control/daraja/certificate").raise_for_status().json()
        settings["daraja_certificate"] = sealing["certificate"]
        secrets = client("secretsmanager", ports)
        for output, value in secret_values(settings).items():
            secrets.put_secret_value(SecretId=outputs[output], SecretString=json.dumps(value))
        base = outputs["WebhooksUrl"].rstrip("/")
        paths = secrets.get_secret_value(SecretId=outputs["C2bTokenSecretName"])["SecretString"]
        credentials = secret_values(settings)["DarajaSecretName"]
        with http_client(f"{sandbox_url(ports)}/daraja") as http:
            mpesa = DarajaClient(http, lambda: credentials, SystemClock())
            register_urls(mpesa, base, json.loads(paths)["token"])
        targets = {
            f"{vendor}_webhook_url": f"{base}/{vendor}"
            for vendor in ("stripe", "adyen", "onfido", "broker")
        }
        sandbox.post("/_control/config", json=targets).raise_for_status()


def scheduled_work(function: str, ports: Ports) -> dict[str, Any]:
    """The batch of one message that a function gets when its schedule fires.

    Raises:
        StackError: no schedule feeds the function's queue.
    """
    listed = client("lambda", ports).list_event_source_mappings(FunctionName=function)
    queues = [mapping["EventSourceArn"] for mapping in listed["EventSourceMappings"]]
    scheduler = client("scheduler", ports)
    for summary in scheduler.list_schedules()["Schedules"]:
        schedule = scheduler.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
        target = schedule["Target"]
        if target["Arn"] in queues:
            return _batch_of_one(target["Arn"], target["Input"])
    raise StackError(f"no schedule feeds a queue of {function}: its work cannot be run by hand")


def _batch_of_one(queue_arn: str, body: str) -> dict[str, Any]:
    """An SQS event, in the shape in which Lambda hands it over."""
    record = {
        "messageId": "00000000-0000-4000-8000-000000000000",
        "receiptHandle": "none",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(int(time.time() * 1000)),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
    return {"Records": [record]}


def refresh_market(outputs: Mapping[str, str], ports: Ports) -> None:
    """Runs the scheduled price refresh once, so that the first screen has prices.

    Raises:
        StackError: it failed.
    """
    name = outputs["RefreshMarketFunction"]
    event = scheduled_work(name, ports)
    answer = client("lambda", ports).invoke(FunctionName=name, Payload=json.dumps(event).encode())
    told = answer["Payload"].read().decode(errors="replace")
    if "FunctionError" in answer or json.loads(told or "null").get("batchItemFailures"):
        raise StackError(f"the price refresh failed: {told[:300]} (python -m tools.stack logs)")


def wait_until_answering(url: str, within_s: float = ANSWER_WITHIN_S) -> None:
    """Returns once GraphQL is executed.

    Raises:
        StackError: it still fails when the time is over.
    """
    deadline = time.monotonic() + within_s
    with httpx.Client(timeout=30, trust_env=False) as http:
        while True:
            try:
                answer = http.post(url, json={"query": "{ __typename }"})
                if answer.status_code < 500:
                    return
                seen = f"{answer.status_code} {answer.text[:400]}"
            except httpx.HTTPError as error:
                seen = str(error)
            # Code that cannot be imported will not be importable in a minute either.
            if BROKEN in seen or time.monotonic() > deadline:
                raise StackError(f"{url} does not answer: {seen} (python -m tools.stack logs)")
            time.sleep(0.2)


def endpoints_of(outputs: Mapping[str, str], ports: Ports) -> Endpoints:
    """How the stack is reached.

    Raises:
        StackError: the CDK app does not name everything that is needed.
    """
    absent = [key for key in REQUIRED if key not in outputs]
    if absent:
        raise StackError(f"the CDK app lacks the outputs {', '.join(absent)}: add a CfnOutput each")
    return Endpoints(
        graphql=outputs["GraphqlUrl"],
        session=outputs["SessionUrl"],
        webhooks=outputs["WebhooksUrl"],
        sandbox=sandbox_url(ports),
        aws=aws_url(ports),
        user_pool_id=outputs["UserPoolId"],
        user_pool_client_id=outputs["UserPoolClientId"],
        outputs=dict(outputs),
    )
