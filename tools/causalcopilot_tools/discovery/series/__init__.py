"""Learning a causal graph over time."""
