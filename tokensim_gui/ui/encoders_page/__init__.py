"""The Encoders page: what is on this computer, and what can be fetched."""
