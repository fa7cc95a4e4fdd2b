"""Model portfolios, what becomes of them for a person and a date, and what people save for."""
