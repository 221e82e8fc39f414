"""The DuckDB store of graphs and runs."""
