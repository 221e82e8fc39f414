"""Causal graphs and what follows from them."""
