"""Tools that learn graphs."""
