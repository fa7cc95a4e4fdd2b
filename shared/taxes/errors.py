"""Refusals about settings of taxes."""

from shared.kernel.errors import BaobabError, Retry


class TaxSettingsChanged(BaobabError):
    """Somebody, or another tab, has changed them since they were read."""

    code = "TAX_SETTINGS_CHANGED"
    template = "These settings were changed since they were read: they have version {version} now."
    template_sw = "Mipangilio hii imebadilishwa tangu isomwe: sasa ina toleo {version}."
    advice = "Read them again and change them anew."
    advice_sw = "Isome tena kisha uibadilishe upya."
    retry = Retry.AFTER_CORRECTION
