"""Simulated phones: one baresip process each."""
