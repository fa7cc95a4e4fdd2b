"""How a person's sales are taxed: settings, what was sold out of which lots, and wash sales."""
