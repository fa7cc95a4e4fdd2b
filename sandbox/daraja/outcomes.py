"""How a payment ends, by the phone number that shall pay."""

from dataclasses import dataclass

PENDING = 4999
SUCCESS = 0
ABOVE_MAXIMUM = 3
COULD_NOT_PUSH = 1025
TILL_MISMATCH = 2002


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result code with the texts of the callback and of the query, which differ in life too."""

    code: int
    callback_text: str
    query_text: str


def _same(code: int, text: str) -> Outcome:
    return Outcome(code, text, text)


OUTCOMES = {
    outcome.code: outcome
    for outcome in (
        _same(SUCCESS, "The service request is processed successfully."),
        _same(1, "The balance is insufficient for the transaction."),
        _same(
            ABOVE_MAXIMUM,
            "Declined due to limit rule: greater than the maximum transaction amount.",
        ),
        _same(1001, "Unable to lock subscriber, a transaction is already in process."),
        _same(1019, "Transaction has expired."),
        _same(COULD_NOT_PUSH, "An error occurred while sending a push request."),
        _same(1032, "Request cancelled by user."),
        Outcome(1037, "No response from user.", "DS timeout user cannot be reached."),
        _same(2001, "The initiator information is invalid."),
        _same(TILL_MISMATCH, "The till number does not belong to this store."),
        _same(PENDING, "The transaction is still under processing"),
    )
}

# Every other number pays.
BY_PHONE = {
    "254700000001": 1,
    "254700000032": 1032,
    "254700000037": 1037,
    "254700000101": 1001,
    "254700000201": 2001,
    "254700000019": 1019,
    "254700000025": COULD_NOT_PUSH,
    "254700000999": PENDING,
}
