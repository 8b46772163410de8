"""What is shown and what happens to it: QObjects without widgets."""
