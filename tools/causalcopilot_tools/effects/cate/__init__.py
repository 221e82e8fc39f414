"""What makes an effect differ between rows: pure functions on doubly robust scores."""
