"""Online models: how one is reached, what it may see, and what is kept of its answers."""
