"""Plain frozen records everyone shares, and the verdict rules."""
