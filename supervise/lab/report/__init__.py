"""What came of scenarios: one page for people, and the same for programs."""
