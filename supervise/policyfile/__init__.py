"""The policy as people write it: YAML in a file or a folder, checked whole, watched, and never trusted half."""
