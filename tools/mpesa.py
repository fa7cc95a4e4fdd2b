"""`python -m tools.mpesa register`: tells M-Pesa where payments from the phone's menu are told.

Works on the local stack, or with `--stage prod` on the account of the present AWS credentials, with
the secrets and the addresses of the deployed functions. In production M-Pesa takes this once.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from shared.kernel.clock import SystemClock
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.daraja_client import DarajaClient
from shared.payments.providers.daraja_menu import register_urls
from shared.platform.http import http_client
from shared.platform.secrets import SecretsManager
from tools.stack.places import LOCAL, TOOLS, Endpoints, use_local


def main(arguments: Sequence[str]) -> int:
    """0 when M-Pesa has taken it, 1 when not."""
    asked = _parser().parse_args(arguments)
    if asked.stage == LOCAL:
        if not asked.endpoints.exists():
            print("mpesa: nothing runs here; start it with: make up", file=sys.stderr)
            return 1
        use_local(Endpoints.from_json(asked.endpoints.read_text()))
    try:
        register(asked.stage)
    except GatewayUnavailable:
        print("mpesa: M-Pesa did not take it: look at the Daraja secret", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        # Missing rights, credentials or a stage that is not there: the account's words say which.
        print(f"mpesa: {error}", file=sys.stderr)
        return 1
    print("mpesa: registered")
    return 0


def register(stage: str) -> None:
    """With what the deployed functions use.

    Raises:
        GatewayUnavailable: M-Pesa did not take it.
    """
    settling, entrance = _deployed(stage, "settle-deposit"), _deployed(stage, "receive-webhook")
    secrets = SecretsManager()
    token = str(secrets.get(entrance["C2B_TOKEN_SECRET"])["token"])
    with http_client(settling["DARAJA_BASE_URL"]) as http:
        client = DarajaClient(http, lambda: secrets.get(settling["DARAJA_SECRET"]), SystemClock())
        register_urls(client, settling["WEBHOOK_BASE_URL"], token)


def _deployed(stage: str, function: str) -> dict[str, str]:
    """The environment of a deployed function, named as the stage names it."""
    name = f"baobab-{stage}-{function}"
    found = boto3.client("lambda").get_function_configuration(FunctionName=name)
    return found["Environment"]["Variables"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.mpesa", description=__doc__)
    parser.add_argument("act", choices=["register"])
    parser.add_argument("--stage", default=LOCAL)
    parser.add_argument("--endpoints", type=Path, default=TOOLS / "endpoints.json")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
