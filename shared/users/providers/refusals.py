"""What the user pool's refusals mean in our words."""

from collections.abc import Mapping

from botocore.exceptions import ClientError

from shared.kernel.errors import BaobabError, TemporarilyUnavailable
from shared.users.addresses import PASSWORD_LENGTH_MIN
from shared.users.errors import (
    ChallengeExpired,
    CodeRefused,
    NotSignedIn,
    PasswordTooWeak,
    PasswordUsedBefore,
    SessionEnded,
    SignInRefused,
)

type Refusals = Mapping[str, type[BaobabError]]

CONFIRM: Refusals = {
    "CodeMismatchException": CodeRefused,
    "ExpiredCodeException": CodeRefused,
    "UserNotFoundException": CodeRefused,
    "NotAuthorizedException": CodeRefused,
    "TooManyFailedAttemptsException": CodeRefused,
    "InvalidParameterException": CodeRefused,
}
SIGN_IN: Refusals = {
    "NotAuthorizedException": SignInRefused,
    "UserNotFoundException": SignInRefused,
    "UserNotConfirmedException": SignInRefused,
    "PasswordResetRequiredException": SignInRefused,
    "InvalidParameterException": SignInRefused,
}
ANSWER: Refusals = {
    "CodeMismatchException": CodeRefused,
    "ExpiredCodeException": CodeRefused,
    "NotAuthorizedException": ChallengeExpired,
    "UserNotFoundException": ChallengeExpired,
    "InvalidParameterException": CodeRefused,
}
REFRESH: Refusals = {
    "NotAuthorizedException": SessionEnded,
    "UserNotFoundException": SessionEnded,
    "PasswordResetRequiredException": SessionEnded,
    "RefreshTokenReuseException": SessionEnded,
}
TOTP: Refusals = {
    "NotAuthorizedException": NotSignedIn,
    "UserNotFoundException": NotSignedIn,
    "InvalidParameterException": CodeRefused,
    "EnableSoftwareTokenMFAException": CodeRefused,
    "CodeMismatchException": CodeRefused,
    "SoftwareTokenMFANotFoundException": CodeRefused,
}


_PASSWORD: Refusals = {
    "InvalidPasswordException": PasswordTooWeak,
    "PasswordHistoryPolicyViolationException": PasswordUsedBefore,
}
CHANGE: Refusals = {
    **_PASSWORD,
    "NotAuthorizedException": SignInRefused,
    "UserNotFoundException": SignInRefused,
    "InvalidParameterException": SignInRefused,
    "LimitExceededException": SignInRefused,
}
# Limits of the pool's own are reached by accounts that exist only: they must not look different.
ASK_RESET: Refusals = {
    "UserNotFoundException": CodeRefused,
    "NotAuthorizedException": CodeRefused,
    "InvalidParameterException": CodeRefused,
    "LimitExceededException": CodeRefused,
}
RESET: Refusals = {
    **_PASSWORD,
    "CodeMismatchException": CodeRefused,
    "ExpiredCodeException": CodeRefused,
    "UserNotFoundException": CodeRefused,
    "UserNotConfirmedException": CodeRefused,
    "NotAuthorizedException": CodeRefused,
    "TooManyFailedAttemptsException": CodeRefused,
    "LimitExceededException": CodeRefused,
    "InvalidParameterException": CodeRefused,
}


def code_of(error: ClientError) -> str:
    """The pool's name of an error."""
    return str(error.response["Error"]["Code"])


_UNAVAILABLE = frozenset(
    {
        "TooManyRequestsException",
        "LimitExceededException",
        "InternalErrorException",
        "CodeDeliveryFailureException",
        "ThrottlingException",
        "ServiceUnavailable",
    }
)


def mapped(error: ClientError, refusals: Refusals) -> Exception:
    """Our error for the pool's; what we did not foresee stays as it is."""
    code = code_of(error)
    refusal = refusals.get(code)
    if refusal is PasswordTooWeak:
        return PasswordTooWeak(length=PASSWORD_LENGTH_MIN)
    if refusal is not None:
        return refusal()
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if code in _UNAVAILABLE or status >= 500:
        return TemporarilyUnavailable()
    return error
