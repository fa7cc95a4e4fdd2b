"""Round-ups: the change of purchases is pooled, and the pool becomes a deposit."""
