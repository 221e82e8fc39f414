"""``ccp chat``: a conversation about one table.

``command`` opens or resumes a chat, ``talk`` is the loop between lines, ``registry`` the one list of slash commands
(help, completion and docs are made from it), ``looking`` and ``changing`` are the commands, ``editor`` is the line
a person types.  Nothing heavy is imported here.
"""

from causalcopilot.cli.chat.command import register

__all__ = ["register"]
