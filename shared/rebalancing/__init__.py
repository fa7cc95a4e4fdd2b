"""Rebalancing: runs that bring portfolios to target, and the sweep that finds who needs one."""
