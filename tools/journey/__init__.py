"""A client of the platform, as a partner would write it: HTTP only, nothing in-process."""
