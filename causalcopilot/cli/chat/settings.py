"""Slash commands about who answers and what may leave the machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.cli.chat.registry import slash
from causalcopilot.errors import UsageError

if TYPE_CHECKING:
    from causalcopilot.cli.chat.talk import Talk


@slash("model", "[NAME]", "models")
def model(talk: Talk, rest: str) -> None:
    """Who answers: expert, openai:NAME, ollama:NAME …."""
    settings = talk.session.settings
    if rest:
        talk.conversation.use(rest)
        settings = talk.session.settings
    if settings.model == "expert":
        talk.screen.result("expert: the built-in expert; nothing leaves this machine")
        return
    where = settings.base_url or "its own server"
    talk.screen.result(
        f"{settings.model} at {where}: names, types and aggregates are sent (privacy {settings.privacy}); /prompt shows"
        " the exact request"
    )


@slash("privacy", "[names | aliases]", "privacy")
def privacy(talk: Talk, rest: str) -> None:
    """What an online model may see of the names."""
    session = talk.session
    if rest not in ("", "names", "aliases"):
        raise UsageError(f"no privacy {rest!r}", "names sends column names, aliases sends v1 … vn")
    if rest and rest != session.settings.privacy:
        session.settings = replace(session.settings, privacy=rest)  # type: ignore[arg-type]
        if talk.conversation.messages:
            talk.clear()
            talk.screen.say("a fresh conversation begins: what was said before went under the other rule")
        else:
            talk.conversation.use(session.settings.model)
    told = {"names": "column names are sent as they are", "aliases": "columns are sent as v1 … vn"}
    mode = session.settings.privacy
    only = " (only to a model chosen by name)" if session.settings.model == "expert" else ""
    talk.screen.result(f"privacy {mode}: {told[mode]}{only}; cells are never sent")
