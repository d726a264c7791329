"""How a library that an earlier version made becomes one of today: one revision for each change to its tables."""
