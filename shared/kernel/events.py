"""Typed, versioned, immutable events. They carry ids and numbers, never personal data."""

from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

REGISTRY: dict[str, type["Event"]] = {}
"""Every event class by detail type, filled as the classes are defined."""


class Event(BaseModel):
    """Base of all events. A subclass states ``type`` and ``version``.

    A new optional field keeps the version; a new required one is a new class.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    version: ClassVar[int] = 1

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        name = cls.detail_type()
        known = REGISTRY.get(name)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"event {name} is defined twice")
        REGISTRY[name] = cls

    @classmethod
    def detail_type(cls) -> str:
        """The name that rules match, such as ``payments.deposit_settled.v1``."""
        return f"{cls.type}.v{cls.version}"


class Envelope(BaseModel):
    """What travels: the event's data with its identity, time and correlation id."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    type: str
    occurred_at: datetime
    correlation_id: str
    data: dict[str, Any]

    @classmethod
    def seal(cls, event: Event, *, id: str, at: datetime, correlation_id: str) -> Self:
        """Wrap an event."""
        return cls(
            id=id,
            type=event.detail_type(),
            occurred_at=at,
            correlation_id=correlation_id,
            data=event.model_dump(mode="json"),
        )

    def open(self) -> Event:
        """The typed event; KeyError when this code does not know its type."""
        return REGISTRY[self.type].model_validate(self.data)
