"""Tools that rank and attribute."""
