"""The query language: read, written into, nudged."""
