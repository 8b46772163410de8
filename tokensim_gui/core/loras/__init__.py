"""What trainers leave beside checkpoints: LoRAs and textual inversions."""
