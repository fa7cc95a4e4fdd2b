"""Named, dated rules that every decision is judged by."""
