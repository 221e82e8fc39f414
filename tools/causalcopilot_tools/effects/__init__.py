"""Tools that identify and estimate effects."""
