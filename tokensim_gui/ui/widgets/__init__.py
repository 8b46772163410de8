"""Small general widgets, and the ways of Qt."""
