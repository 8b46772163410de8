"""The Prompt page: a prompt read, weighed, varied and compared."""
