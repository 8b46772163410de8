"""What is found, as data for files and for ``--json``."""
