"""The base of every failure that leaves the platform: a stable code, its values, and texts.

A subclass states ``code``, ``template`` (English) and ``template_sw`` (Swahili) with the values
in braces, ``advice`` and ``advice_sw`` (what the person can do next), ``retry`` (the same for a
program), ``retryable`` (a queue may try again) and ``status`` where it decides one of HTTP.
``docs/errors.md`` is generated from these classes.
"""

from enum import StrEnum
from typing import Any, ClassVar

CATALOGUE: dict[str, type["BaobabError"]] = {}
"""Every error class by code, filled as the classes are defined."""


class Retry(StrEnum):
    """When a client may send a request again that was refused or failed."""

    NEVER = "never"
    """The answer will stay the same; a person has to decide something else."""
    AFTER_CORRECTION = "after_correction"
    """Never as it is: something in the request, or in what is known of the person, must change."""
    AFTER_SIGN_IN = "after_sign_in"
    """With the access token of a new or refreshed session."""
    AFTER_STEP_UP = "after_step_up"
    """After the second factor was proved once more."""
    AFTER_SECONDS = "after_seconds"
    """After the seconds that the answer names."""
    LATER = "later"
    """In a while; nothing has to change."""
    SAME_KEY = "same_key"
    """In a moment and with the same idempotency key, which makes it one effect at most."""
    NEW_KEY = "new_key"
    """With a new idempotency key only: the old one belongs to something else."""


class BaobabError(Exception):
    """A failure that is foreseen. ``values`` fill the templates and are safe to show."""

    code: ClassVar[str] = ""
    template: ClassVar[str] = ""
    template_sw: ClassVar[str] = ""
    advice: ClassVar[str] = ""
    advice_sw: ClassVar[str] = ""
    retryable: ClassVar[bool] = False
    retry: ClassVar[Retry] = Retry.AFTER_CORRECTION
    status: ClassVar[int | None] = None
    """Of the HTTP answer, when the whole request fails with it; as data it comes with 200."""

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

    @classmethod
    def what_to_do(cls, language: str = "en") -> str:
        """The advice for a person, in English unless a Swahili one exists and is asked for."""
        return cls.advice_sw if language == "sw" and cls.advice_sw else cls.advice


class InvalidValue(BaobabError):
    """A value that a client sent does not have the form its field asks for."""

    code = "INVALID_VALUE"
    template = "{field} {reason}."
    template_sw = "Thamani ya {field} si sahihi: {reason}."
    advice = "Correct the field and send the request again."
    advice_sw = "Sahihisha sehemu hiyo kisha utume ombi tena."
    retry = Retry.AFTER_CORRECTION

    def message(self, language: str = "en") -> str:
        """The text for a person, whose reason has a language too."""
        if language != "sw":
            return super().message(language)
        # Only those who read it load it.
        from shared.kernel.swahili import in_swahili

        reason = in_swahili(str(self.values["reason"]))
        return self.template_sw.format(**(self.values | {"reason": reason}))


class IllegalTransition(BaobabError):
    """A state machine was asked for a move that it does not have."""

    code = "ILLEGAL_TRANSITION"
    template = "{what} cannot go from {source} to {target}."
    template_sw = "{what} haiwezi kutoka {source} kwenda {target}."
    advice = "Read the current state again."
    advice_sw = "Soma hali ya sasa tena."
    retry = Retry.NEVER


class NotFound(BaobabError):
    """There is no such thing, or it belongs to somebody else: the two look the same."""

    code = "NOT_FOUND"
    template = "{what} was not found."
    template_sw = "{what} haikupatikana."
    advice = "Check the identifier."
    advice_sw = "Hakikisha kitambulisho ni sahihi."
    retry = Retry.AFTER_CORRECTION
    status = 404


class IdempotencyKeyReused(BaobabError):
    """The idempotency key was used before with other content."""

    code = "IDEMPOTENCY_KEY_REUSED"
    template = "This idempotency key was already used for a different request."
    template_sw = "Ufunguo huu ulishatumika kwa ombi tofauti."
    advice = "Use a new key for a new request."
    advice_sw = "Tumia ufunguo mpya kwa ombi jipya."
    retry = Retry.NEW_KEY


class TemporarilyUnavailable(BaobabError):
    """Something we depend on does not answer, or too many writers met; nothing was changed."""

    code = "TEMPORARILY_UNAVAILABLE"
    template = "This cannot be done right now. Nothing was changed."
    template_sw = "Hili haliwezekani kwa sasa. Hakuna kilichobadilishwa."
    advice = "Try again in a moment with the same idempotency key."
    advice_sw = "Jaribu tena baada ya muda mfupi kwa ufunguo ule ule."
    retry = Retry.SAME_KEY
    status = 503
    retryable = True
