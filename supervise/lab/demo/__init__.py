"""The demonstration that `make run` shows."""
