"""The user pool: how long tokens live, how strong passwords are, and what it never tells."""

from collections.abc import Callable

import pytest

from tests.infra.templates import Synthesised

pytestmark = pytest.mark.infra


def test_tokens_are_short_lived_and_can_be_revoked(prod: Synthesised) -> None:
    client = prod.one("AWS::Cognito::UserPoolClient")
    assert client["AccessTokenValidity"] == 15
    assert client["IdTokenValidity"] == 15
    assert client["RefreshTokenValidity"] == 24 * 60
    assert set(client["TokenValidityUnits"].values()) == {"minutes"}
    assert client["EnableTokenRevocation"] is True


def test_the_client_is_confidential_and_tells_nobody_who_exists(prod: Synthesised) -> None:
    client = prod.one("AWS::Cognito::UserPoolClient")
    assert client["GenerateSecret"] is True
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_AUTH",
    }
    assert client["AllowedOAuthFlowsUserPoolClient"] is False
    assert client["WriteAttributes"] == ["email"]


def test_passwords_are_long_and_varied(prod: Synthesised) -> None:
    policy = prod.one("AWS::Cognito::UserPool")["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == 12
    assert all(
        policy[f"Require{each}"] for each in ("Lowercase", "Uppercase", "Numbers", "Symbols")
    )


def test_a_second_factor_is_an_authenticator_never_a_text_message(prod: Synthesised) -> None:
    pool = prod.one("AWS::Cognito::UserPool")
    assert pool["MfaConfiguration"] == "OPTIONAL"
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]


def test_refresh_tokens_are_replaced_at_each_use(prod: Synthesised) -> None:
    client = prod.one("AWS::Cognito::UserPoolClient")
    assert client["RefreshTokenRotation"] == {"Feature": "ENABLED", "RetryGracePeriodSeconds": 60}
    # Cognito takes no client with both.
    assert "ALLOW_REFRESH_TOKEN_AUTH" not in client["ExplicitAuthFlows"]


def test_passkeys_are_bound_to_the_apps_host_and_check_their_user(prod: Synthesised) -> None:
    pool = prod.one("AWS::Cognito::UserPool")
    assert pool["WebAuthnRelyingPartyID"] == "app.baobab.example"
    assert pool["WebAuthnUserVerification"] == "required"
    assert pool["WebAuthnFactorConfiguration"] == "MULTI_FACTOR_WITH_USER_VERIFICATION"
    factors = pool["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]
    assert set(factors) == {"PASSWORD", "WEB_AUTHN"}
    assert pool["UserPoolTier"] == "ESSENTIALS"


def test_locally_there_is_what_the_embedded_service_knows(local: Synthesised) -> None:
    pool = local.one("AWS::Cognito::UserPool")
    assert not [name for name in pool if name.startswith("WebAuthn")]
    client = local.one("AWS::Cognito::UserPoolClient")
    assert "RefreshTokenRotation" not in client
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }


def test_names_in_the_pool_are_ours_and_addresses_are_no_aliases(prod: Synthesised) -> None:
    pool = prod.one("AWS::Cognito::UserPool")
    assert "AliasAttributes" not in pool
    assert "UsernameAttributes" not in pool
    assert pool["AutoVerifiedAttributes"] == ["email"]
    (email,) = [each for each in pool["Schema"] if each["Name"] == "email"]
    assert email["Required"] is True


def test_the_pool_is_protected_where_the_stage_keeps_its_data(
    prod: Synthesised, dev: Synthesised
) -> None:
    assert prod.one("AWS::Cognito::UserPool")["DeletionProtection"] == "ACTIVE"
    assert dev.one("AWS::Cognito::UserPool")["DeletionProtection"] == "INACTIVE"


def test_mail_is_signed_for_our_own_domain(prod: Synthesised) -> None:
    assert prod.one("AWS::SES::EmailIdentity")["EmailIdentity"] == "baobab.example"
    records = prod.of_type("AWS::Route53::RecordSet", "identity")
    assert len(records) == 3
    sending = prod.one("AWS::Cognito::UserPool")["EmailConfiguration"]
    assert sending["EmailSendingAccount"] == "DEVELOPER"


def test_the_pools_own_mailer_serves_until_the_domain_is_verified(
    synthesise: Callable[..., Synthesised],
) -> None:
    prod = synthesise("prod", region="af-south-1", mail_verified=False)
    assert "EmailConfiguration" not in prod.one("AWS::Cognito::UserPool")
    assert prod.one("AWS::SES::EmailIdentity")["EmailIdentity"] == "baobab.example"
