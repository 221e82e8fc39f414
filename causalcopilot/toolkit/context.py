"""What a tool receives besides its arguments."""

from __future__ import annotations

from dataclasses import dataclass, field

from causalcopilot.data.dataset import Dataset
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.graph.stored import GraphHead


@dataclass(frozen=True)
class Context:
    """The case at hand; the first parameter of every tool.

    Attributes:
        dataset: the table; in the worker it reads the snapshot, and nothing else.
        profile: its profile.
        question: what was asked.
        knowledge: what was given.
        graphs: heads of the remembered graphs (newest first).
        seed: seed of the run; a tool derives all its randomness from it.
    """

    dataset: Dataset
    profile: Profile
    question: Question = field(default_factory=Question)
    knowledge: Knowledge = field(default_factory=Knowledge)
    graphs: tuple[GraphHead, ...] = ()
    seed: int = 0
