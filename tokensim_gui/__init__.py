"""TokenSim: a dictionary of the token vocabularies inside text-to-image models."""

__version__ = "1.0.0"
