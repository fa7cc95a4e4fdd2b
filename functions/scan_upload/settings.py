"""Settings of scan_upload: checks an uploaded file where no managed scanner runs."""

from shared.platform import config


class Settings(config.Settings):
    """See the module."""

    quarantine_bucket: str
