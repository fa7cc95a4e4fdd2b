"""What notices say, per topic and language."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.money import Currency, Money


@dataclass(frozen=True, slots=True)
class Text:
    """Subject and body with the values of the notice in braces."""

    subject: str
    body: str


TEXTS: dict[str, dict[str, Text]] = {
    "users.user_registered": {
        "en": Text(
            "Welcome to Baobab",
            "Your account is open. Tell us how much risk suits you and confirm your identity, "
            "then pay in: we invest for you.",
        ),
        "sw": Text(
            "Karibu Baobab",
            "Akaunti yako imefunguliwa. Tueleze kiwango cha hatari kinachokufaa na thibitisha "
            "utambulisho wako, kisha weka pesa: tutawekeza kwa niaba yako.",
        ),
    },
    "kyc.identity_approved": {
        "en": Text("Your identity is confirmed", "You can pay in and start investing."),
        "sw": Text("Utambulisho wako umethibitishwa", "Unaweza kuweka pesa na kuanza kuwekeza."),
    },
    "kyc.identity_rejected": {
        "en": Text("We could not confirm your identity", "{reason_en}"),
        "sw": Text("Hatukuweza kuthibitisha utambulisho wako", "{reason_sw}"),
    },
    "payments.deposit_settled": {
        "en": Text(
            "We received {amount}", "Your payment of {amount} arrived: {credited} credited."
        ),
        "sw": Text("Tumepokea {amount}", "Malipo yako ya {amount} yamefika: {credited} zimewekwa."),
    },
    "payments.deposit_failed": {
        "en": Text("Your payment did not go through", "{reason_en} Nothing was charged by us."),
        "sw": Text("Malipo yako hayakukamilika", "{reason_sw} Hatujakutoza chochote."),
    },
    "investing.broker_account_opened": {
        "en": Text("Your investment account is open", "It is in your own name at our broker."),
        "sw": Text("Akaunti yako ya uwekezaji imefunguliwa", "Iko kwa jina lako kwa dalali wetu."),
    },
    "investing.plan_created": {
        "en": Text(
            "We are investing {notional}",
            "{order_count} orders were made for your portfolio. You can read the reason of each.",
        ),
        "sw": Text(
            "Tunawekeza {notional}",
            "Maagizo {order_count} yametolewa kwa ajili ya uwekezaji wako. Unaweza kusoma sababu "
            "ya kila moja.",
        ),
    },
    "investing.order_rejected": {
        "en": Text(
            "An order for {symbol} was not carried out",
            "The broker refused it. The money is back in your cash and is invested with your next "
            "deposit.",
        ),
        "sw": Text(
            "Agizo la {symbol} halikutekelezwa",
            "Dalali amelikataa. Pesa zimerudi kwenye salio lako na zitawekezwa pamoja na amana "
            "yako ijayo.",
        ),
    },
    "investing.orders_completed": {
        "en": Text("Your money is invested", "All orders of your deposit have been carried out."),
        "sw": Text("Pesa zako zimewekezwa", "Maagizo yote ya amana yako yametekelezwa."),
    },
}


def values_of(topic: str, data: Mapping[str, object]) -> dict[str, str]:
    """Amounts of an event as people read them, and its other values as text."""
    values = {name: str(value) for name, value in data.items() if value is not None}
    if topic == "payments.deposit_settled":
        values["amount"] = _amount(data["amount_minor"], data["currency"])
        values["credited"] = _amount(data["credited_minor"], data["credited_currency"])
    if topic == "investing.plan_created":
        values["notional"] = _amount(data["notional_minor"], Currency.USD)
    return values


def _amount(minor: object, currency: object) -> str:
    return str(Money(int(str(minor)), Currency(str(currency))))


class _Forgiving(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def render(topic: str, values: Mapping[str, str], language: str) -> Text:
    """Subject and body in this language, in English when there is none."""
    text = TEXTS[topic].get(language) or TEXTS[topic]["en"]
    known = _Forgiving(values)
    return Text(text.subject.format_map(known), text.body.format_map(known).strip())
