"""ccp: a causal analyst in the terminal, in a script, in a notebook."""

__version__ = "0.1.0"
