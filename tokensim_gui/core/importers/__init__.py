"""Readers that find the token tables in a checkpoint and read nothing else of it."""

from tokensim_gui.core.importers.detect import Candidate, candidates, survey
from tokensim_gui.core.importers.tokenizer_files import tokenizer_bytes
from tokensim_gui.core.importers.vectors import read_vectors

__all__ = ["Candidate", "candidates", "read_vectors", "survey", "tokenizer_bytes"]
