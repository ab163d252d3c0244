"""Where the journal lies: its tables, its chain, and the one thread that writes them."""
