"""Data files that ship with TokenSim; a package so that the wheel carries them."""
