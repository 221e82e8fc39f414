"""Tools that describe the table."""
