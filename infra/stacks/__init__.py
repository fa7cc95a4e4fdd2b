"""The stacks, by what they hold; each reads only those before it."""
