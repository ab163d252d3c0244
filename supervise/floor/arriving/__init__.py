"""From a dialled number to a session that may begin: who is it, whom do they mean, may they, what are they asked."""
