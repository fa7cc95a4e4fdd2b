"""People: sign-up, sessions, and the profile that other contexts read."""
