"""A supervision session: what it is, what can happen to it, and what it then wants done."""
