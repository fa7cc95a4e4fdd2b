"""Failures that the business foresees, as data; everything else is masked."""

from collections.abc import Callable
from typing import NamedTuple

import strawberry
from graphql import GraphQLError

from graphql_api.request_errors import shown
from graphql_api.rules import INHERITED, field, interface_type, object_type
from graphql_api.scrubbing import refused_value
from shared.kernel.edge_errors import BadUserInput, InternalError
from shared.kernel.errors import (
    BaobabError,
    IdempotencyKeyReused,
    IllegalTransition,
    InvalidValue,
    NotFound,
    Retry,
)
from shared.platform.correlation import correlation_id
from shared.platform.observability import logger, metric

strawberry.enum(Retry, description="When a request that failed may be sent again.")


@interface_type(description="Why something was not done, and what to do next.")
class UserError:
    """Fields that every failure has."""

    code: str = field(INHERITED, "Stable name of the failure; docs/errors.md lists them.")
    message: str = field(INHERITED, "For people, in their language.")
    advice: str = field(INHERITED, "What can be done next, in their language.")
    retry: Retry = field(INHERITED, "When a program may send the request again.")


@object_type(description="A value that was sent is not acceptable.")
class InvalidInputError(UserError):
    """See the description."""

    field: str | None = field(INHERITED, "The field that it is about.")


@object_type(description="There is no such thing, or it belongs to somebody else.")
class NotFoundError(UserError):
    """See the description."""


@object_type(description="It contradicts what happened before, such as a reused key.")
class ConflictError(UserError):
    """See the description."""


@object_type(description="A rule of the business does not allow it now.")
class RefusedError(UserError):
    """See the description."""


@object_type(description="Something does not answer at the moment; try again later.")
class UnavailableError(UserError):
    """See the description."""


Failure = InvalidInputError | NotFoundError | ConflictError | RefusedError | UnavailableError


def as_failure(error: BaobabError, language: str) -> Failure:
    """The union member for an error, in a person's language."""
    told = _Told(error.code, error.message(language), error.what_to_do(language), error.retry)
    if isinstance(error, InvalidValue):
        name = camel(str(error.values.get("field", ""))) or None
        return InvalidInputError(**told._asdict(), field=name)
    if isinstance(error, NotFound):
        return NotFoundError(**told._asdict())
    if isinstance(error, IdempotencyKeyReused | IllegalTransition):
        return ConflictError(**told._asdict())
    if error.retryable:
        return UnavailableError(**told._asdict())
    return RefusedError(**told._asdict())


class _Told(NamedTuple):
    code: str
    message: str
    advice: str
    retry: Retry


def answered[T](action: Callable[[], T], language: str) -> T | Failure:
    """What the action gives, or why it was refused; refusals are on record by their code."""
    try:
        return action()
    except BaobabError as error:
        logger("graphql_api").info("refused", extra={"error": error.code})
        return as_failure(error, language)


def camel(name: str) -> str:
    """A field of ours as the schema spells it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def presentable(error: GraphQLError, language: str = "en") -> GraphQLError:
    """What a client may know of an error; the rest is hidden behind a correlation id."""
    value = refused_value(error)
    if value is not None:
        return _told(error, value, language)
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, BaobabError):
        return _told(error, cause, language)
    if cause is None or isinstance(cause, GraphQLError):
        # Hints would tell the names of a schema that cannot be asked for.
        told = BadUserInput(reason=shown(error.message, hints=False))
        return _told(error, told, language)
    log_unexpected(cause)
    return _told(error, InternalError(), language, correlationId=correlation_id())


def log_unexpected(error: BaseException) -> None:
    """Type and place only: an exception's text may quote what a person sent."""
    line = {"error": type(error).__name__} | _at(error)
    logger("graphql_api").error("unexpected error", extra=line)
    metric("UnexpectedError", error=type(error).__name__)


def _at(error: BaseException) -> dict[str, str]:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return {}
    return {"place": f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}"}


def _told(error: GraphQLError, cause: BaobabError, language: str, **more: str) -> GraphQLError:
    extensions = {
        "code": cause.code,
        "advice": cause.what_to_do(language),
        "retry": cause.retry.value,
    }
    return GraphQLError(
        cause.message(language),
        nodes=error.nodes,
        path=error.path,
        extensions=extensions | more,
    )
