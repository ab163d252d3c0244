"""Telling other systems what is in the journal, each record at least once."""
