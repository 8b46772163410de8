"""What every page shows of tokens: table, chips, search bar, dragging."""
