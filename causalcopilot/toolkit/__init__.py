"""The contract of a tool, and everything that calls one."""
