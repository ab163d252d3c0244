"""One session while it runs, and all that goes on beside it."""
