"""Opening a table without a run: for commands that only look."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.cli.questions import types_of
from causalcopilot.cli.runs import Given, check_source
from causalcopilot.cli.state import Globals
from causalcopilot.domain.question import Question

if TYPE_CHECKING:
    from causalcopilot.agent.case import Case
    from causalcopilot.domain.profile import Profile


@dataclass(frozen=True)
class Opened:
    """A case and the options it was opened with."""

    case: Case
    options: Globals

    @property
    def profile(self) -> Profile:
        """Its profile."""
        return self.case.profile

    def sent(self) -> dict[str, Any]:
        """The data block of a first message, exactly as a chosen model would receive it."""
        from causalcopilot.agent.briefing import briefing_block
        from causalcopilot.agent.models.privacy import Privacy
        from causalcopilot.toolkit.context import Context

        settings = self.options.settings().settings
        privacy = Privacy(settings.privacy, settings.share_levels)
        context = Context(self.case.dataset, self.case.profile, Question(), self.case.knowledge)
        return dict(briefing_block(context, privacy=privacy))


@contextmanager
def open_table(options: Globals, given: Given) -> Iterator[Opened]:
    """Read a table into a scratch folder that is removed afterwards; starts neither worker nor memory."""
    from causalcopilot.agent.case import Case
    from causalcopilot.data import ReadOptions, check_knowledge, knowledge_for, open_data, profile_dataset

    check_source(given.source)
    with tempfile.TemporaryDirectory(prefix="ccp-") as scratch:
        knowledge = knowledge_for(given.source, given.knowledge, given.use_knowledge)
        types = types_of(given.types)
        opened = open_data(
            given.source,
            scratch=Path(scratch),
            knowledge=knowledge,
            options=ReadOptions(types=types) if types else None,
        )
        notices = (*opened.notices, *check_knowledge(knowledge, opened.available))
        profile = profile_dataset(opened.dataset, notices, knowledge)
        yield Opened(Case(given.source, opened.dataset, profile, knowledge, notices), options)
