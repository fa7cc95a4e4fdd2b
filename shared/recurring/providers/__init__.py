"""Standing orders over other contexts."""
