"""The benchmark: supervise beside ChanSpy on the same Asterisk."""
