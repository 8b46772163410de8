"""Prompts: weights, tokens, metadata and mutations; no window, no tensors."""
