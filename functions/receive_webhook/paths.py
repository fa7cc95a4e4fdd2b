"""Paths that prove something by themselves, for vendors that sign nothing."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.kernel.ids import Kind
from shared.payments.callbacks import Purpose, named_by, read_token


@dataclass(frozen=True, slots=True)
class CapabilityPath:
    """Who knows the path may speak about one thing only, and for one purpose."""

    purpose: Purpose = Purpose.STK
    queues: Mapping[Kind, str] = field(default_factory=dict)
    """By the kind of the thing: fields of the settings. News of other kinds are not used."""

    def proves(self, keys: Iterable[str], cell: str, token: str) -> bool:
        """Whether one of the keys made this path."""
        return any(read_token(key.encode(), cell, token, self.purpose) for key in keys)

    def queue_for(self, cell: str, token: str) -> str | None:
        """Where news about what a proved path names goes to."""
        return self.queues.get(named_by(cell, token, self.purpose).kind)


@dataclass(frozen=True, slots=True)
class FixedPath:
    """One path for all messages of a kind, which the vendor was told once and nobody else."""

    def proves(self, keys: Iterable[str], cell: str, token: str) -> bool:
        """Whether it is one of ours. Each is compared, so that the time tells nothing of them."""
        given = token.encode("utf-8", "surrogatepass")
        equal = [hmac.compare_digest(key.encode(), given) for key in keys]
        return any(equal)
