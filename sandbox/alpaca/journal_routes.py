"""Endpoints about journals."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.alpaca.idempotency import Replays
from sandbox.alpaca.journal import Journal, JournalStatus
from sandbox.alpaca.journal_bodies import CreateBatch, CreateJournal
from sandbox.alpaca.journal_desk import JournalDesk
from sandbox.alpaca.problems import Problem, invalid
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import date_parameter, json_body, read, same_id


class JournalRoutes:
    """`/v1/journals`."""

    def __init__(self, state: State, desk: JournalDesk, replays: Replays) -> None:
        self._state = state
        self._desk = desk
        self._replays = replays

    async def create(self, request: Request) -> Response:
        body = await json_body(request)
        answer = await self._replays.once(
            request, lambda: self._desk.create(read(body, CreateJournal)).wire()
        )
        return JSONResponse(answer)

    async def create_batch(self, request: Request) -> Response:
        """Each entry stands for itself: a refused one carries its `error_message`."""
        body = await json_body(request)
        answer = await self._replays.once(request, lambda: self._batch(read(body, CreateBatch)))
        return JSONResponse(answer)

    async def show(self, request: Request) -> Response:
        return JSONResponse(self._journal(request).wire())

    async def cancel(self, request: Request) -> Response:
        self._desk.cancel(self._journal(request))
        return Response(status_code=204)

    async def search(self, request: Request) -> Response:
        query = request.query_params
        status = query.get("status")
        if status is not None and status not in set(JournalStatus) | {"deleted", "refused"}:
            raise invalid("status is not a journal status")
        after, before = date_parameter(request, "after"), date_parameter(request, "before")
        source, target = query.get("from_account"), query.get("to_account")
        found = [
            journal
            for journal in self._state.journals.values()
            if (status is None or journal.status == status)
            and query.get("entry_type", "JNLC") == "JNLC"
            and (source is None or journal.from_account == same_id(source))
            and (target is None or journal.to_account == same_id(target))
            and (after is None or journal.created_at.date() >= after)
            and (before is None or journal.created_at.date() <= before)
        ]
        return JSONResponse([journal.wire() for journal in reversed(found)])

    def _journal(self, request: Request) -> Journal:
        return self._desk.find(request.path_params["journal_id"])

    def _batch(self, batch: CreateBatch) -> list[dict[str, Any]]:
        answers = []
        for entry in batch.entries:
            wanted = CreateJournal(
                entry_type="JNLC",
                from_account=batch.from_account,
                **{"description": batch.description, **entry.model_dump(exclude_unset=True)},
            )
            try:
                answers.append({"error_message": "", **self._desk.create(wanted).wire()})
            except Problem as problem:
                refused = Journal(
                    id="00000000-0000-0000-0000-000000000000",
                    from_account=wanted.from_account,
                    to_account=wanted.to_account,
                    amount=wanted.amount,
                    description=wanted.description,
                    created_at=self._state.now(),
                    transmitter={},
                    status=JournalStatus.REJECTED,
                )
                answers.append({**refused.wire(), "error_message": str(problem)})
        return answers
