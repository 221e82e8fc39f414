"""Tools that try to break an estimate."""
