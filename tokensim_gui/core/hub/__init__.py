"""Ranged downloads from a model hub, and the newest release."""
