"""Public data sets as features and ratings."""
