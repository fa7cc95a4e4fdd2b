"""What is wrong with an entry."""


class UnbalancedEntry(ValueError):
    """An entry whose legs do not sum to zero per asset: a programming error, never user input."""
