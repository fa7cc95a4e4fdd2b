"""Settings of verify_identity: submits documents to the identity provider and takes its result."""

from shared.platform import config


class Settings(config.WritesFacts, config.PersonalDataKey, config.Settings):
    """See the module."""

    onfido_secret: str
    onfido_base_url: str
    quarantine_bucket: str
    documents_bucket: str
    identity_queue: str
