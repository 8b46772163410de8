"""What must not make the window wait: a thread, a child process, the collector."""
