"""Asking a policy about itself: why a decision is what it is, and what differs between two versions."""
