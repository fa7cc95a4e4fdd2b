"""Pure building blocks: money, identifiers, time, errors, events, state machines."""
