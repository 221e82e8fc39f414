"""Designs beyond adjustment: instruments, discontinuities, difference-in-differences."""
