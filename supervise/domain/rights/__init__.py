"""The policy as values, and its decisions: who may do what to whom, now, and why."""
