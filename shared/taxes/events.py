"""What happened to settings about taxes."""

from typing import ClassVar

from shared.kernel.events import Event


class TaxSettingsChangedV1(Event):
    """A person chose how their sales are taxed, or went back to what their country says."""

    type: ClassVar[str] = "taxes.tax_settings_changed"

    user_id: str
    settings_version: int
    """By this it is kept what they were."""
