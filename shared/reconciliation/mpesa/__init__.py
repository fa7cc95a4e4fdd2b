"""The statement of a party that lists nothing: every line is asked for, and answered later."""
