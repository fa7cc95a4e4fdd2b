"""Work that goes on after an answer was sent: callbacks, fills, decisions."""

import asyncio
import logging
from collections.abc import Coroutine

logger = logging.getLogger(__name__)

type Work = Coroutine[None, None, None]


class Background:
    """Keeps the tasks of one sandbox, so that none is lost silently and all can be dropped."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Work) -> None:
        """Starts `work` now."""
        self._start(work, 0)

    def after(self, delay_ms: int, work: Work) -> None:
        """Starts `work` in `delay_ms` milliseconds."""
        self._start(work, delay_ms)

    def drop(self) -> None:
        """Cancels everything that has not finished."""
        for task in tuple(self._tasks):
            task.cancel()

    async def aclose(self) -> None:
        """Cancels everything and waits until it is gone."""
        self.drop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Work, delay_ms: int) -> None:
        def finished(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            # A task that was dropped early never came to its work.
            work.close()

        task = asyncio.create_task(_delayed(work, delay_ms))
        self._tasks.add(task)
        task.add_done_callback(finished)


async def _delayed(work: Work, delay_ms: int) -> None:
    if delay_ms:
        await asyncio.sleep(delay_ms / 1000)
    try:
        await work
    except Exception:
        # Nobody awaits this task; without the log line its failure would vanish.
        logger.exception("background work failed")
