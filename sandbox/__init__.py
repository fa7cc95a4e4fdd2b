"""A loopback server that speaks the wire protocol of every vendor."""
