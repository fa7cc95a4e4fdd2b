"""Work that goes on after an answer was sent: callbacks, fills, decisions."""

import asyncio
import logging
from collections.abc import Coroutine

logger = logging.getLogger(__name__)


class Background:
    """Keeps the tasks of one sandbox, so that none is lost silently and all can be dropped."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Starts `work` now."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def after(self, delay_ms: int, work: Coroutine[None, None, None]) -> None:
        """Starts `work` in `delay_ms` milliseconds."""
        self.spawn(self._delayed(delay_ms, work))

    def drop(self) -> None:
        """Cancels everything that has not finished."""
        for task in tuple(self._tasks):
            task.cancel()

    async def aclose(self) -> None:
        """Cancels everything and waits until it is gone."""
        self.drop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @staticmethod
    async def _delayed(delay_ms: int, work: Coroutine[None, None, None]) -> None:
        try:
            await asyncio.sleep(delay_ms / 1000)
        except asyncio.CancelledError:
            work.close()
            raise
        await work

    @staticmethod
    async def _guarded(work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            work.close()
            raise
        except Exception:
            # Nobody awaits this task; without the log line its failure would vanish.
            logger.exception("background work failed")
