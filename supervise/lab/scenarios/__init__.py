"""Scenarios: what a supervisor does and what each phone must and must not hear, written as data and held against it."""
