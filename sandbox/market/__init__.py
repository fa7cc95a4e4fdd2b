"""The market: sessions, replayed closes and quotes, moved by business time."""
