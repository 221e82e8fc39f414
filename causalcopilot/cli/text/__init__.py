"""What people read at a terminal, one kind of result a file."""
