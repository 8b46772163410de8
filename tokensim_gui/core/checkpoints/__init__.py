"""Readers that find the token tables in a checkpoint and read nothing else of it."""

from tokensim_gui.core.checkpoints.detect import Candidate, candidates, survey
from tokensim_gui.core.checkpoints.vectors import read_vectors

__all__ = ["Candidate", "candidates", "read_vectors", "survey"]
