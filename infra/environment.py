"""The proof that a function's environment and its settings class agree."""

from collections.abc import Mapping

from shared.platform.config import Settings


class SettingsMismatch(Exception):
    """A function would start without a setting, or with one that it does not read."""


def environment(settings: type[Settings], values: Mapping[str, str]) -> dict[str, str]:
    """Environment variables from values by field name, such as ``core_table``.

    Raises:
        SettingsMismatch: a required field has no value, or a value belongs to no field.
    """
    variables = {name.upper(): value for name, value in values.items()}
    missing = settings.required() - variables.keys()
    extra = variables.keys() - settings.variables()
    if missing or extra:
        where = settings.__module__
        raise SettingsMismatch(f"{where}: missing {sorted(missing)}, unread {sorted(extra)}")
    return variables
