"""Notices to people: an inbox on the platform and a mail, once per event."""
