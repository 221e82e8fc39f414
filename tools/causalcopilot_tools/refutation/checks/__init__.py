"""One check per function, one family per file; each returns the checks it made, and never decides a verdict."""
