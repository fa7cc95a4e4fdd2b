"""Management fees: accrued for each day without rounding, charged once a month or at closing."""
