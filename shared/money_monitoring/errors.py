"""Refusals to members of staff. No person who is watched ever reads one."""

from shared.kernel.errors import BaobabError, Retry


class AlertNotWaiting(BaobabError):
    """It was decided, has changed since, or nothing is proposed about it."""

    code = "MONITORING_ALERT_NOT_WAITING"
    template = "This alert does not wait for that."
    template_sw = "Tahadhari hii haisubiri hilo."
    advice = "Look at how it stands now."
    advice_sw = "Angalia hali yake ya sasa."
    retry = Retry.NEVER


class AlertNeedsAnother(BaobabError):
    """Whoever proposed what to make of it does not confirm it."""

    code = "MONITORING_SECOND_PERSON_NEEDED"
    template = "Somebody else than the one who proposed this has to confirm it."
    template_sw = "Mtu mwingine asiye aliyependekeza hili anapaswa kulithibitisha."
    advice = "Ask a colleague."
    advice_sw = "Mwombe mwenzako."
    retry = Retry.NEVER


class AlertClosesCase(BaobabError):
    """A case of an alert ends with the alert, by two people."""

    code = "MONITORING_ALERT_CLOSES_CASE"
    template = "This case ends with its alert."
    template_sw = "Kesi hii inaisha pamoja na tahadhari yake."
    advice = "Say what is to be made of the alert."
    advice_sw = "Sema tahadhari ifanyiwe nini."
    retry = Retry.NEVER
