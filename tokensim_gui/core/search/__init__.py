"""Exact search over a table, the PCA of what it finds, and what else vectors tell."""
