"""Tokenizers of every form made into one."""
