"""Readers that find the token table in a checkpoint and read nothing else."""
