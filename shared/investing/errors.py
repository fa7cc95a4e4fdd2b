"""Refusals and interruptions of investing."""

from shared.kernel.errors import BaobabError, Retry


class BrokerUnavailable(BaobabError):
    """The broker gave no usable answer to a question that changes nothing."""

    code = "BROKER_UNAVAILABLE"
    template = "The broker does not answer right now."
    template_sw = "Dalali hajibu kwa sasa."
    advice = "Nothing to do: this is tried again."
    advice_sw = "Hakuna la kufanya: hili hujaribiwa tena."
    retry = Retry.LATER
    retryable = True


class OrderUnknown(BaobabError):
    """An event names an order of ours that is not there (yet)."""

    code = "ORDER_UNKNOWN"
    template = "The broker reported an order that is not known here."
    template_sw = "Dalali ameripoti agizo lisilojulikana hapa."
    advice = "Read the order again at the broker; redrive the message when the order exists."
    advice_sw = "Soma agizo tena kwa dalali; rudisha ujumbe kwenye foleni agizo likiwepo."
    retry = Retry.LATER
    retryable = True


class OrderMismatch(BaobabError):
    """What the broker says of an order contradicts what we asked for."""

    code = "ORDER_MISMATCH"
    template = "The broker's order differs from ours in its {field}."
    template_sw = "Agizo la dalali linatofautiana na letu katika {field}."
    advice = "Compare the order with the broker's before anything else is done with it."
    advice_sw = "Linganisha agizo na la dalali kabla ya kufanya lolote jingine nalo."
    retry = Retry.NEVER


class OrderNotCancelable(BaobabError):
    """An order has ended: there is nothing left to cancel."""

    code = "ORDER_NOT_CANCELABLE"
    template = "The order cannot be canceled any more: it is {status}."
    template_sw = "Agizo haliwezi kughairiwa tena: hali yake ni {status}."
    advice = "Look at the order: what was traded stays."
    advice_sw = "Tazama agizo: kilichouzwa au kununuliwa kinabaki."
    retry = Retry.NEVER


class BrokerEventUnsupported(BaobabError):
    """A kind of event that is not known and needs a person to decide."""

    code = "BROKER_EVENT_UNSUPPORTED"
    template = "A broker event of kind {kind} cannot be booked automatically."
    template_sw = "Tukio la dalali la aina {kind} haliwezi kuandikwa kiotomatiki."
    advice = "Book the correction by hand as a reversing entry."
    advice_sw = "Andika sahihisho kwa mkono kama ingizo la kubatilisha."
    retry = Retry.NEVER


class BrokerEventMalformed(BaobabError):
    """A broker event that does not have the documented form."""

    code = "BROKER_EVENT_MALFORMED"
    template = "A broker event cannot be read: {what}."
    template_sw = "Tukio la dalali halisomeki: {what}."
    advice = "Compare the event with the broker's documentation."
    advice_sw = "Linganisha tukio na nyaraka za dalali."
    retry = Retry.NEVER


class FillNotCovered(BaobabError):
    """A fill costs more than was reserved and more than is available."""

    code = "FILL_NOT_COVERED"
    template = "A fill of an order is not covered by reserved or available money."
    template_sw = "Utekelezaji wa agizo haujafunikwa na pesa zilizopo."
    advice = "Book the missing money first, then redrive the message."
    advice_sw = "Andika kwanza pesa zinazokosekana, kisha rudisha ujumbe kwenye foleni."
    retry = Retry.LATER
    retryable = True


class GapInStream(BaobabError):
    """The broker's event stream left events out; the window must be read again."""

    code = "BROKER_STREAM_GAP"
    template = "The broker's event stream left events out."
    template_sw = "Mkondo wa matukio ya dalali una pengo."
    advice = "Nothing to do: the window is read again."
    advice_sw = "Hakuna la kufanya: kipindi hicho husomwa tena."
    retry = Retry.LATER
    retryable = True
