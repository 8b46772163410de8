"""Everything that is drawn as a plot."""
