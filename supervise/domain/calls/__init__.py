"""Calls and their sound: what is connected with what, and who hears whom."""
