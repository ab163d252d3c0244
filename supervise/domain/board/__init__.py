"""What the board shows: what is true of everybody, and what of it one viewer may see."""
