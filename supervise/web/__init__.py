"""What the controller shows over HTTP: one listener, to which each part adds its routes."""
