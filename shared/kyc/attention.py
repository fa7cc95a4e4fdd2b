"""Calls a member of staff: a metric that rings, and a line that says which case it is."""

from shared.platform.observability import logger, metric


def identity_needs_review(user_id: str, reason: str) -> None:
    """A case that only staff can decide."""
    _log(user_id, reason)
    metric("IdentityNeedsReview")


def broker_account_needs_review(user_id: str, reason: str) -> None:
    """An account that the broker does not open by itself."""
    _log(user_id, reason)
    metric("BrokerAccountNeedsReview")


def _log(user_id: str, reason: str) -> None:
    fields = {"user_id": user_id, "reason": reason}
    logger("kyc").error("a case needs a person", extra=fields)
