"""What TokenSim knows and computes; no Qt below this package."""
