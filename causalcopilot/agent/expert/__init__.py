"""The built-in expert: its protocol, its reading of a conversation, and its prose."""
