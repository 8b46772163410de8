"""Tokens of a tokenizer: pieces, kinds, how they are typed, filters."""
