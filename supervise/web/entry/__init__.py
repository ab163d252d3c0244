"""Who is asking: signing in, tokens, and what is asked of every request."""
