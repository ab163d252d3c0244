"""The harness: Asterisk, the controller and the phones in containers on a network of their own."""
