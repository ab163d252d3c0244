"""A call centre in a box: a private Asterisk and simulated phones, for trying, testing and measuring."""
