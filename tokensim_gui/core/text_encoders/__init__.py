"""Whole text encoders: opening them and encoding prompts."""
