"""Secrets: ours are made at deployment, vendors' are put in afterwards by the deployer."""

import json
import string
from dataclasses import dataclass
from typing import Any

from aws_cdk import CfnOutput
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.stages import Stage

NOT_HEX = "".join(sorted(set(string.ascii_letters) - set("0123456789abcdef")))


@dataclass(frozen=True)
class Form:
    """Fields of a secret's JSON document, and which of them is drawn at random."""

    output: str
    fields: dict[str, Any]
    drawn: str = "unset"
    excluded: str = ""


FORMS = {
    "stripe": Form("StripeSecretName", {"api_key": "", "webhook_secrets": []}),
    "adyen": Form(
        "AdyenSecretName",
        {
            "api_key": "",
            "merchant_account": "",
            "hmac_keys": [],
            "report_user": "",
            "report_password": "",
        },
    ),
    "daraja": Form(
        "DarajaSecretName",
        {
            "consumer_key": "",
            "consumer_secret": "",
            "shortcode": "",
            "passkey": "",
            "payout_shortcode": "",
            "initiator": "",
            "initiator_password": "",
            "certificate": "",
        },
    ),
    "onfido": Form("OnfidoSecretName", {"api_token": "", "webhook_token": ""}),
    "broker": Form(
        "BrokerSecretName", {"key": "", "secret": "", "firm_account": "", "webhook_secrets": []}
    ),
    # The gateway asks nobody who they are: the door in front of it asks for this token.
    "ibkr": Form("IbkrSecretName", {"token": ""}),
    "session": Form("SessionSecretName", {}, drawn="pepper"),
    "webhook_path": Form("WebhookPathSecretName", {}, drawn="key", excluded=NOT_HEX),
    "c2b_token": Form("C2bTokenSecretName", {}, drawn="token", excluded=NOT_HEX),
}
"""Vendors' secrets start empty: until they are set, calls and signatures fail closed."""


class Vault(Construct):
    """All secrets, encrypted with one key."""

    def __init__(self, scope: Construct, stage: Stage, key: kms.IKey) -> None:
        super().__init__(scope, "Vault")
        self.secrets = {
            name: secretsmanager.Secret(
                self,
                name,
                description=f"Baobab {stage.name}: {name}",
                encryption_key=key,
                removal_policy=stage.removal,
                generate_secret_string=secretsmanager.SecretStringGenerator(
                    secret_string_template=json.dumps(form.fields),
                    generate_string_key=form.drawn,
                    password_length=64,
                    exclude_punctuation=True,
                    exclude_characters=form.excluded or None,
                    require_each_included_type=not form.excluded,
                ),
            )
            for name, form in FORMS.items()
        }
        for name, form in FORMS.items():
            CfnOutput(scope, form.output, value=self.secrets[name].secret_arn)
