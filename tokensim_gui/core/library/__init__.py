"""The tables on this computer, and how they come there."""
