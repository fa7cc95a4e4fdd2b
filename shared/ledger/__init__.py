"""The double-entry ledger: wallets, immutable journal entries, one hash chain per wallet."""
