"""Cases: what a person of the firm has to look at about money."""
