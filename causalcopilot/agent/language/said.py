"""What a conversation holds to build the next question on, and what a short sentence after an answer was read as."""

from __future__ import annotations

from dataclasses import dataclass, field

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import UsageError


@dataclass(frozen=True)
class Said:
    """What the conversation holds to build the next question on.

    Attributes:
        question: the last question.
        profile, knowledge: the table.
        identification: how its effect was identified, where one was.
        nodes: columns of the graph that answered it, where one was learned.
    """

    question: Question
    profile: Profile
    knowledge: Knowledge = field(default_factory=Knowledge)
    identification: Identification | None = None
    nodes: tuple[str, ...] = ()

    @property
    def words(self) -> Vocabulary:
        """What the columns answer to."""
        return Vocabulary.of(self.profile.names, self.knowledge)

    @property
    def controls(self) -> tuple[str, ...]:
        """What the last effect was adjusted for: asked for by hand, or as identified."""
        if self.question.controls is not None:
            return self.question.controls
        return self.identification.controls.used if self.identification else ()

    @property
    def contrast(self) -> Contrast | None:
        """The values the last effect compared."""
        return self.identification.contrast if self.identification else self.question.contrast


@dataclass(frozen=True)
class Followup:
    """A sentence understood as a follow-up.

    Attributes:
        question: the full question.
        read_as: what it was read as, in words, for the person who asked.
        graph: it asks to see the graph, which is no question to compute.
    """

    question: Question
    read_as: str = ""
    graph: bool = False


class DoesNotGo(UsageError):
    """A change that cannot be made to the last question; it may go with an earlier one."""


def does_not_go(what: str, said: Said) -> DoesNotGo:
    """That a change cannot be made to the last question."""
    kind = said.question.kind.replace("_", " ")
    return DoesNotGo(
        f"{what!r} does not go with the last question ({kind})",
        "ask the whole question, or first about an effect: what is the effect of A on B?",
    )
