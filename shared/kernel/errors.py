"""The base of every business failure: a stable code, its values, and texts people can read.

A subclass states ``code``, ``template`` (English) and ``template_sw`` (Swahili) with the values
in braces, ``retryable`` (a queue may try again) and ``advice`` (what the person can do next).
``docs/errors.md`` is generated from these classes.
"""

from typing import Any, ClassVar

CATALOGUE: dict[str, type["BaobabError"]] = {}
"""Every error class by code, filled as the classes are defined."""


class BaobabError(Exception):
    """A failure that the business foresees. ``values`` fill the templates and are safe to show."""

    code: ClassVar[str] = ""
    template: ClassVar[str] = ""
    template_sw: ClassVar[str] = ""
    advice: ClassVar[str] = ""
    retryable: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            return
        known = CATALOGUE.get(cls.code)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"error code {cls.code} belongs to {known.__qualname__}")
        CATALOGUE[cls.code] = cls

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.message())

    def message(self, language: str = "en") -> str:
        """The text for a person, in English unless a Swahili one exists and is asked for."""
        template = self.template_sw if language == "sw" and self.template_sw else self.template
        return template.format(**self.values)


class InvalidValue(BaobabError):
    """A value that a client sent does not have the form its field asks for."""

    code = "INVALID_VALUE"
    template = "{field} {reason}."
    template_sw = "Thamani ya {field} si sahihi: {reason}."
    advice = "Correct the field and send the request again."


class IllegalTransition(BaobabError):
    """A state machine was asked for a move that it does not have."""

    code = "ILLEGAL_TRANSITION"
    template = "{what} cannot go from {source} to {target}."
    template_sw = "{what} haiwezi kutoka {source} kwenda {target}."
    advice = "Read the current state again."


class NotFound(BaobabError):
    """There is no such thing, or it belongs to somebody else: the two look the same."""

    code = "NOT_FOUND"
    template = "{what} was not found."
    template_sw = "{what} haikupatikana."
    advice = "Check the identifier."


class IdempotencyKeyReused(BaobabError):
    """The idempotency key was used before with other content."""

    code = "IDEMPOTENCY_KEY_REUSED"
    template = "This idempotency key was already used for a different request."
    template_sw = "Ufunguo huu ulishatumika kwa ombi tofauti."
    advice = "Use a new key for a new request."


class TemporarilyUnavailable(BaobabError):
    """Something we depend on does not answer, or too many writers met; nothing was changed."""

    code = "TEMPORARILY_UNAVAILABLE"
    template = "This cannot be done right now. Nothing was changed."
    template_sw = "Hili haliwezekani kwa sasa. Hakuna kilichobadilishwa."
    advice = "Try again in a moment with the same idempotency key."
    retryable = True
