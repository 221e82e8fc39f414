"""Plain language to a ``Question`` without a model: the grammar of questions, follow-ups, groups and designs."""
