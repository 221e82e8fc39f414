"""A scripted model and a loopback server for tests, ours and plugin authors'."""
