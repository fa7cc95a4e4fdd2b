"""Where news of orders are asked for: each broker has its own way."""

from datetime import datetime

from shared.investing.brokers.registry import ALPACA, IBKR, Brokers
from shared.kernel.clock import to_text
from shared.platform.queues import Checks


class PollQueue:
    """See Polls, for the brokers that the run has turned to."""

    def __init__(self, brokers: Brokers, polls: Checks, sessions: Checks) -> None:
        self._brokers = brokers
        self._polls = polls
        self._sessions = sessions

    def soon(self) -> None:
        """See Polls."""
        if ALPACA in self._brokers.used:
            self._polls.schedule("poll", {"chain": "yes"})
        if IBKR in self._brokers.used:
            self._sessions.schedule("fills", {})

    def again_since(self, at: datetime) -> None:
        """See Polls."""
        if ALPACA in self._brokers.used:
            self._polls.schedule("poll", {"since": to_text(at)})
        if IBKR in self._brokers.used:
            # Whatever has not ended there is looked at as a whole, since whenever.
            self._sessions.schedule("fills", {})
