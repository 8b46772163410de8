"""The Search page: bar, chips, table, map, token card and tray."""
