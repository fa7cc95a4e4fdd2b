"""The languages of the schema; importing it from here makes sure that it is described once."""

import strawberry

from shared.users.model import Language

__all__ = ["Language"]

strawberry.enum(Language, description="Languages that we speak: English and Swahili.")
