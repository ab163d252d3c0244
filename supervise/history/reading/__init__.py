"""What is read of the journal, by whom, and in which form."""
