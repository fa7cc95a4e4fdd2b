"""Where the worked examples start, and what others are told in them."""

OPENED, WON, LOST = (f"disputes.dispute_{each}.v1" for each in ("opened", "won", "lost"))
START = {
    "gateway_clearing:stripe:USD": 10_000,
    "cash:USD": -10_000,
    "customers_cash_at_broker:USD": 10_000,
    "firm_cash_at_broker:USD": -10_000,
}
