"""Exact search over a table, and the projection of what it finds."""
