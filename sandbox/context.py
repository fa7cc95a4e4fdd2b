"""What every vendor module is given."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sandbox.background import Background
from sandbox.clock import BusinessClock
from sandbox.config import SandboxConfig, start_of_market
from sandbox.faults import Faults
from sandbox.market.quotes import Shocks
from sandbox.outbound import Outbound


class Sandbox:
    """One running sandbox: settings, ordered faults, webhook deliveries and business time.

    `config` is replaced when settings change at run time, so read it where it is used and never
    keep a copy. A vendor registers `on_reset` to forget its state.
    """

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.faults = Faults()
        self.background = Background()
        self.outbound = Outbound(self.faults, self.background, lambda: self.config)
        self.clock = BusinessClock(start_of_market(config))
        # A price moves for every broker that shows it.
        self.shocks: Shocks = {}
        self._reset_hooks: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Wall-clock time in UTC, for tokens, signatures and `created` fields."""
        return datetime.now(UTC)

    def on_reset(self, hook: Callable[[], None]) -> None:
        """Has `hook` called when the sandbox is emptied."""
        self._reset_hooks.append(hook)

    def configure(self, changes: dict[str, Any]) -> None:
        """Changes settings at run time.

        Raises:
            InvalidConfig: a value is unusable; nothing was changed.
        """
        self.config = replace(self.config, **changes)

    def reset(self) -> None:
        """Empties everything but the settings and puts business time back to its start."""
        self.background.drop()
        self.faults.clear()
        self.outbound.clear()
        for hook in self._reset_hooks:
            hook()
        self.clock.reset()
