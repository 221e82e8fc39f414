"""Searches as pure functions on arrays: no column names, no files, no third-party discovery library."""
