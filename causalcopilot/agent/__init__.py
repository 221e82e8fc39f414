"""The loop, the models that drive it, and its events."""
