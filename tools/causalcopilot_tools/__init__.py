"""The methods: one capability a file."""
