"""What notices say, per topic and language."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.money import Currency, Money
from shared.kyc.reasons import told_of
from shared.notifications import (
    credentials,
    disputes,
    fees,
    limits,
    payouts,
    recurring,
    requotes,
    roundups,
    withdrawals,
)
from shared.payments.reasons import text_of_code


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
    "users.signed_in_from_new_device": {
        "en": Text(
            "Somebody signed in to your account",
            "Somebody signed in to your account with a device that we have not seen with you "
            "before. If it was you, there is nothing to do. If not, change your password now and "
            "end all other sessions.",
        ),
        "sw": Text(
            "Mtu ameingia kwenye akaunti yako",
            "Mtu ameingia kwenye akaunti yako kwa kifaa ambacho hatujakiona kwako kabla. Ikiwa ni "
            "wewe, huna la kufanya. Ikiwa si wewe, badilisha nenosiri lako sasa na umalize vipindi "
            "vingine vyote.",
        ),
    },
    "users.credentials_changed": {
        "en": Text("{subject_en}", "{body_en}"),
        "sw": Text("{subject_sw}", "{body_sw}"),
    },
    "kyc.identity_approved": {
        "en": Text("Your identity is confirmed", "You can pay in and start investing."),
        "sw": Text("Utambulisho wako umethibitishwa", "Unaweza kuweka pesa na kuanza kuwekeza."),
    },
    "kyc.identity_rejected": {
        "en": Text("We could not confirm your identity", "{reason_en} {next_en}"),
        "sw": Text("Hatukuweza kuthibitisha utambulisho wako", "{reason_sw} {next_sw}"),
    },
    "payments.deposit_settled": {
        "en": Text(
            "We received {amount}", "Your payment of {amount} arrived: {credited} credited."
        ),
        "sw": Text("Tumepokea {amount}", "Malipo yako ya {amount} yamefika: {credited} zimewekwa."),
    },
    "payments.deposit_failed": {
        "en": Text(
            "Your payment did not go through",
            "{reason_en} If money left your account all the same, write to us.",
        ),
        "sw": Text(
            "Malipo yako hayakukamilika",
            "{reason_sw} Ikiwa pesa zimetoka kwenye akaunti yako, tuandikie.",
        ),
    },
    "investing.broker_account_opened": {
        "en": Text("Your investment account is open", "It is in your own name at our broker."),
        "sw": Text("Akaunti yako ya uwekezaji imefunguliwa", "Iko kwa jina lako kwa dalali wetu."),
    },
    "investing.broker_account_refused": {
        "en": Text(
            "Your investment account is not open yet",
            "Our broker has not opened it. We are looking into it and will write to you. What you "
            "pay in stays yours meanwhile and is invested once the account is open.",
        ),
        "sw": Text(
            "Akaunti yako ya uwekezaji bado haijafunguliwa",
            "Dalali wetu hajaifungua. Tunachunguza na tutakuandikia. Pesa unazoweka zinabaki zako "
            "na zitawekezwa akaunti ikifunguliwa.",
        ),
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
    "recurring.schedule_created": {
        language: Text(*text) for language, text in recurring.CREATED.items()
    },
    "recurring.schedule_changed": {
        language: Text(*text) for language, text in recurring.CHANGED.items()
    },
    "recurring.occurrence_skipped": {
        language: Text(*text) for language, text in recurring.SKIPPED.items()
    },
} | {
    topic: {language: Text(*text) for language, text in texts.items()}
    for context in (disputes, fees, limits, payouts, requotes, roundups, withdrawals)
    for topic, texts in context.TEXTS.items()
}


LANGUAGES = ("en", "sw")
_AFTER_REJECTION = {
    "en": ("You can send it again.", "Write to us if you think that this is wrong."),
    "sw": ("Unaweza kutuma tena.", "Tuandikie ikiwa unaona hili si sahihi."),
}
"""What the person can do: when something can be sent again, and when nothing can."""


def values_of(topic: str, data: Mapping[str, object]) -> dict[str, str]:
    """Amounts of an event as people read them, and its other values as text."""
    values = {name: str(value) for name, value in data.items() if value is not None}
    if topic == "payments.deposit_settled":
        values["amount"] = _amount(data["amount_minor"], data["currency"])
        values["credited"] = _amount(data["credited_minor"], data["credited_currency"])
    if topic == "payments.deposit_failed":
        for language in LANGUAGES:
            values[f"reason_{language}"] = text_of_code(str(data["reason"]), language)
    if topic == "kyc.identity_rejected":
        for language, (again, final) in _AFTER_REJECTION.items():
            values[f"reason_{language}"] = told_of(str(data["reason"]), language)
            values[f"next_{language}"] = again if data["can_retry"] else final
    if topic == "users.credentials_changed":
        for language in LANGUAGES:
            text = credentials.text_of(str(data["change"]), language)
            values[f"subject_{language}"], values[f"body_{language}"] = text
    if topic in disputes.TEXTS:
        values |= disputes.values_of(data)
    if topic in fees.TEXTS:
        values |= fees.values_of(data)
    if topic in limits.TEXTS:
        values |= limits.values_of(data)
    if topic in payouts.TEXTS:
        values |= payouts.values_of(topic, data)
    if topic in requotes.TEXTS:
        values |= requotes.values_of(data)
    if topic in roundups.TEXTS:
        values |= roundups.values_of(data)
    if topic in withdrawals.TEXTS:
        values |= withdrawals.values_of(data)
    if topic.startswith("recurring."):
        values["amount"] = _amount(data["amount_minor"], data["currency"])
    if topic == "recurring.schedule_changed":
        values |= recurring.change_values(str(data["change"]), values["amount"])
    if topic == "recurring.occurrence_skipped":
        values |= recurring.skip_values(str(data["reason"]))
    if topic == "investing.plan_created":
        values["notional"] = _amount(data["notional_minor"], Currency.USD)
    return values


def _amount(minor: object, currency: object) -> str:
    return str(Money(int(str(minor)), Currency(str(currency))))


_NEUTRAL = {
    "en": Text("There is news about your account", "Open Baobab to see where things stand."),
    "sw": Text("Kuna habari kuhusu akaunti yako", "Fungua Baobab uone hali ilivyo."),
}


def render(topic: str, values: Mapping[str, str], language: str) -> Text:
    """Subject and body in this language, in English when there is none.

    A notice that another version of the code wrote, with a topic or values of its own, reads
    neutrally: one line of an inbox must not fail the whole screen.
    """
    text = _in(language, TEXTS.get(topic, _NEUTRAL))
    try:
        return Text(text.subject.format_map(values), text.body.format_map(values))
    except KeyError:
        return _in(language, _NEUTRAL)


def _in(language: str, texts: Mapping[str, Text]) -> Text:
    return texts.get(language) or texts["en"]
