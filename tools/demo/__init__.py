"""The story of one person, from sign-up to an invested portfolio, told on a running platform."""
