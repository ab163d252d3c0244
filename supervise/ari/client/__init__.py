"""The client for one Asterisk: its operations, its events, and the connection they need."""
