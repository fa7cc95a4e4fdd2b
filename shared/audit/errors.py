"""What members of staff are refused."""

from shared.kernel.errors import BaobabError, Retry


class OwnAccount(BaobabError):
    """Nobody acts as staff on their own account."""

    code = "STAFF_OWN_ACCOUNT"
    template = "This cannot be done to one's own account."
    template_sw = "Hili haliwezi kufanywa kwenye akaunti yako mwenyewe."
    advice = "Ask a colleague."
    advice_sw = "Mwombe mwenzako."
    retry = Retry.NEVER


class StaffProtected(BaobabError):
    """What is done to a member of staff is for administrators."""

    code = "STAFF_PROTECTED"
    template = "Only an administrator can do this to a member of staff."
    template_sw = "Msimamizi pekee ndiye anayeweza kufanya hili kwa mfanyakazi."
    advice = "Ask an administrator."
    advice_sw = "Mwombe msimamizi."
    retry = Retry.NEVER
