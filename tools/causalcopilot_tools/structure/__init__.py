"""Tools that read graphs and test independence."""
