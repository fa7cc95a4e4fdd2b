"""Everything a developer or a build runs; nothing here is deployed."""
