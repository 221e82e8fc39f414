"""Opening, typing and profiling tables."""
