"""The table of the functions that charge people for managing their money."""

from functions.accrue_fees.settings import Settings as AccrueFees
from infra.functions_of_money import BOOKS
from infra.model import Function, Queued, Rights, Schedule

FEE_WORKERS = (
    Function(
        name="accrue_fees",
        settings=AccrueFees,
        trigger=Queued(
            "fees",
            batch=5,
            concurrency=10,
            events=("investing.orders_completed.v1",),
            schedule=Schedule("management_fees", minutes=30),
        ),
        groups=("broker",),
        memory=1024,
        timeout=120,
        tables=BOOKS | {"market": Rights.READ},
        walks_holders=True,
        sends_to=("fees", "planning"),
        secrets=("broker",),
        vendors=("broker",),
        values=("price_max_age_seconds",),
    ),
)
