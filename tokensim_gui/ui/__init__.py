"""Widgets; no torch, no transformers; one public widget a file."""
