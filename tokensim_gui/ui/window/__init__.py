"""The main window: menus, actions, status line, help."""
