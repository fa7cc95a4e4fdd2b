"""Nine years of prices through the platform's own planner, broker port and books."""
