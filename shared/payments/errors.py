"""Refusals of payments."""

from shared.kernel.errors import BaobabError, Retry
from shared.payments.reasons import Reason, text_of


class IdentityNotApproved(BaobabError):
    """Nobody pays in before their identity is approved."""

    code = "PAYMENTS_IDENTITY_NOT_APPROVED"
    template = "Your identity has to be approved before you can pay in."
    template_sw = "Utambulisho wako lazima uidhinishwe kabla ya kuweka pesa."
    advice = "Finish the identity check first."
    advice_sw = "Maliza kwanza ukaguzi wa utambulisho."
    retry = Retry.AFTER_CORRECTION


class BrokerAccountRefused(BaobabError):
    """The broker does not keep an account for this person: what they paid could not be invested."""

    code = "PAYMENTS_BROKER_ACCOUNT_REFUSED"
    template = "Our broker could not open an account for you, so you cannot pay in."
    template_sw = "Dalali wetu hakuweza kukufungulia akaunti, kwa hiyo huwezi kuweka pesa."
    advice = "Write to support."
    advice_sw = "Waandikie wahudumu."
    retry = Retry.NEVER


class RiskProfileMissing(BaobabError):
    """Nobody pays in before it is known how the money may be invested."""

    code = "PAYMENTS_RISK_PROFILE_MISSING"
    template = "Your risk profile is needed before you can pay in."
    template_sw = "Wasifu wako wa hatari unahitajika kabla ya kuweka pesa."
    advice = "Answer the risk questionnaire first."
    advice_sw = "Jibu dodoso la hatari kwanza."
    retry = Retry.AFTER_CORRECTION


class CurrencyNotAccepted(BaobabError):
    """The gateway is not used with this currency."""

    code = "PAYMENTS_CURRENCY_NOT_ACCEPTED"
    template = "This way of paying takes {accepted}, not {currency}."
    template_sw = "Njia hii ya malipo inapokea {accepted}, si {currency}."
    advice = "Choose the other currency or the other way of paying."
    advice_sw = "Chagua sarafu nyingine au njia nyingine ya malipo."
    retry = Retry.AFTER_CORRECTION


class MethodNotOffered(BaobabError):
    """This way of paying is not begun here, or not with what was asked for."""

    code = "PAYMENTS_METHOD_NOT_OFFERED"
    template = "This payment cannot be begun with {method}."
    template_sw = "Malipo haya hayawezi kuanzishwa kwa {method}."
    advice = "Choose another way of paying."
    advice_sw = "Chagua njia nyingine ya malipo."
    retry = Retry.AFTER_CORRECTION


class CurrencyPaused(BaobabError):
    """Conversions are stopped: the firm's own position in foreign currency is too large."""

    code = "PAYMENTS_CURRENCY_PAUSED"
    template = "Payments in {currency} are paused for now. Nothing was changed."
    template_sw = "Malipo kwa {currency} yamesitishwa kwa sasa. Hakuna kilichobadilishwa."
    advice = "Try again later with the same idempotency key, or pay in dollars."
    advice_sw = "Jaribu tena baadaye kwa ufunguo ule ule, au lipa kwa dola."
    retry = Retry.SAME_KEY
    retryable = True


class DepositNotCancellable(BaobabError):
    """It was paid, or a bank or a phone is at work on it already."""

    code = "PAYMENTS_DEPOSIT_NOT_CANCELLABLE"
    template = "This payment cannot be cancelled any more."
    template_sw = "Malipo haya hayawezi kughairiwa tena."
    advice = "Wait for its outcome; money that came can be refunded."
    advice_sw = "Subiri matokeo yake; pesa zilizofika zinaweza kurudishwa."
    retry = Retry.NEVER


class AmountOutOfRange(BaobabError):
    """Too little or too much for one payment."""

    code = "PAYMENTS_AMOUNT_OUT_OF_RANGE"
    template = "The amount must be between {minimum} and {maximum}."
    template_sw = "Kiasi lazima kiwe kati ya {minimum} na {maximum}."
    advice = "Choose an amount in this range."
    advice_sw = "Chagua kiasi kilicho ndani ya mipaka hii."
    retry = Retry.AFTER_CORRECTION


class WholeShillingsOnly(BaobabError):
    """M-Pesa moves no cents."""

    code = "PAYMENTS_WHOLE_SHILLINGS_ONLY"
    template = "M-Pesa takes whole shillings only."
    template_sw = "M-Pesa inapokea shilingi kamili tu."
    advice = "Leave out the cents."
    advice_sw = "Ondoa senti."
    retry = Retry.AFTER_CORRECTION


class RateUnavailable(BaobabError):
    """There is no exchange rate that may be quoted."""

    code = "PAYMENTS_RATE_UNAVAILABLE"
    template = "There is no current exchange rate. Nothing was changed."
    template_sw = "Hakuna kiwango cha sasa cha ubadilishaji. Hakuna kilichobadilishwa."
    advice = "Try again in a moment with the same idempotency key."
    advice_sw = "Jaribu tena baada ya muda mfupi kwa ufunguo ule ule."
    retry = Retry.SAME_KEY
    retryable = True


class DepositLapsed(BaobabError):
    """The first request with this key was never completed and its time is over."""

    code = "PAYMENTS_DEPOSIT_LAPSED"
    template = "This payment was not begun in time and cannot be continued."
    template_sw = "Malipo haya hayakuanza kwa wakati na hayawezi kuendelea."
    advice = "Start again with a new idempotency key."
    advice_sw = "Anza tena kwa ufunguo mpya."
    retry = Retry.NEW_KEY


class PaymentRefused(BaobabError):
    """The gateway refused to begin the payment; ``reason`` is a code of the catalogue."""

    code = "PAYMENTS_REFUSED"
    template = "The payment was not accepted. {text}"
    template_sw = "Malipo hayakukubaliwa. {text}"
    advice = "Check the details or choose another way of paying."
    advice_sw = "Hakikisha maelezo au chagua njia nyingine ya malipo."
    retry = Retry.NEW_KEY

    def __init__(self, *, reason: Reason) -> None:
        self._reason = reason
        super().__init__(reason=reason.value, text=text_of(reason))

    def message(self, language: str = "en") -> str:
        """With the reason in words."""
        template = self.template_sw if language == "sw" else self.template
        return template.format(text=text_of(self._reason, language))


class GatewayUnavailable(BaobabError):
    """A gateway or the broker does not answer; asked again later, nothing was decided."""

    code = "PAYMENTS_GATEWAY_UNAVAILABLE"
    template = "The payment service does not answer right now."
    template_sw = "Huduma ya malipo haijibu kwa sasa."
    advice = "Try again in a moment with the same idempotency key."
    advice_sw = "Jaribu tena baada ya muda mfupi kwa ufunguo ule ule."
    retry = Retry.SAME_KEY
    retryable = True
