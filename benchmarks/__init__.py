"""Speed and accuracy beside peers and baselines; each command prints a table."""
