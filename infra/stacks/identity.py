"""Who people are: the user pool, its one client, and the address that mail comes from."""

from typing import Any
from urllib.parse import urlsplit

from aws_cdk import CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.stages import Stage

ACCESS_TOKEN = Duration.minutes(15)
REFRESH_TOKEN = Duration.hours(24)
ROTATION_GRACE = Duration.seconds(60)
"""A refresh token that was replaced works so long, for an answer that was lost on its way."""


class IdentityStack(Stack):
    """A user's name in the pool is our own id; uniqueness of addresses is ours to keep."""

    def __init__(self, scope: Construct, stage: Stage, env: Environment) -> None:
        super().__init__(scope, stage.stack_name("identity"), env=env)
        self.mail_identity = self._mail(stage)
        self.user_pool = self._pool(stage)
        self.client = self.user_pool.add_client(
            "Backend",
            generate_secret=True,
            # With a passkey one signs in by choice of the first factor.
            auth_flows=cognito.AuthFlow(user_password=True, user=stage.on_aws),
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=ACCESS_TOKEN,
            id_token_validity=ACCESS_TOKEN,
            refresh_token_validity=REFRESH_TOKEN,
            refresh_token_rotation_grace_period=ROTATION_GRACE if stage.on_aws else None,
            auth_session_validity=Duration.minutes(5),
            read_attributes=cognito.ClientAttributes().with_standard_attributes(
                email=True, email_verified=True
            ),
            write_attributes=cognito.ClientAttributes().with_standard_attributes(email=True),
        )
        CfnOutput(self, "UserPoolId", value=self.user_pool.user_pool_id)
        CfnOutput(self, "UserPoolClientId", value=self.client.user_pool_client_id)

    def _mail(self, stage: Stage) -> str:
        if stage.domain is None:
            ses.EmailIdentity(self, "Sender", identity=ses.Identity.email(stage.sender_address))
            return stage.sender_address
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=stage.domain.zone_id, zone_name=stage.domain.zone_name
        )
        self.sender = ses.EmailIdentity(
            self, "Sender", identity=ses.Identity.public_hosted_zone(zone)
        )
        return stage.domain.zone_name

    def _pool(self, stage: Stage) -> cognito.UserPool:
        email = None
        if stage.domain is not None and stage.domain.mail_verified:
            # Cognito's own mailer stops after fifty codes a day.
            email = cognito.UserPoolEmail.with_ses(
                from_email=stage.sender_address,
                ses_verified_domain=stage.domain.zone_name,
                ses_region=self.region,
            )
        pool = cognito.UserPool(
            self,
            "Users",
            user_pool_name=stage.physical_name("users"),
            feature_plan=cognito.FeaturePlan.ESSENTIALS,
            self_sign_up_enabled=True,
            sign_in_aliases=cognito.SignInAliases(username=True),
            sign_in_case_sensitive=True,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            standard_attributes=cognito.StandardAttributes(
                email=cognito.StandardAttribute(required=True, mutable=True)
            ),
            email=email,
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(sms=False, otp=True),
            **_passkeys(stage),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
                password_history_size=5 if stage.on_aws else None,
                temp_password_validity=Duration.days(1),
            ),
            deletion_protection=stage.keep_data,
            removal_policy=stage.removal,
        )
        if stage.on_aws:
            # A passkey that checked its user is two factors at once, also where one is asked for.
            pool.node.default_child.add_property_override(  # type: ignore[union-attr]  # a CfnElement
                "WebAuthnFactorConfiguration", "MULTI_FACTOR_WITH_USER_VERIFICATION"
            )
        if stage.domain is not None:
            pool.node.add_dependency(self.sender)
        return pool


def _passkeys(stage: Stage) -> dict[str, Any]:
    """Bound to the app's own host; the embedded AWS has none."""
    if not stage.on_aws:
        return {}
    return {
        "passkey_relying_party_id": urlsplit(stage.app_url).hostname,
        "passkey_user_verification": cognito.PasskeyUserVerification.REQUIRED,
        "sign_in_policy": cognito.SignInPolicy(
            allowed_first_auth_factors=cognito.AllowedFirstAuthFactors(password=True, passkey=True)
        ),
    }
