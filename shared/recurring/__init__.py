"""Recurring deposits: schedules, and each occurrence charged once."""
