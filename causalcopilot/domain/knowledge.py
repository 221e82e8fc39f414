"""What people know before the data speak."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from causalcopilot.domain.facts import Scalar

ColumnType = Literal[
    "binary", "nominal", "ordinal", "count", "continuous", "date", "identifier", "text", "constant"
]
Role = Literal[
    "treatment",
    "outcome",
    "pre_treatment",
    "post_treatment",
    "mediator",
    "identifier",
    "instrument",
    "time",
    "unit",
    "cluster",
    "weight",
    "event",
    "domain",
    "negative_control_outcome",
    "excluded",
    "latent",
]


@dataclass(frozen=True, slots=True)
class ColumnKnowledge:
    """What is known of one column (or, with role ``latent``, of one unmeasured variable).

    Attributes:
        name: the column's name as it stands in the table.
        meaning: one sentence in the user's words.
        type: overrides the type read from the data.
        unit: unit of measurement.
        role: its part in the question; ``pre_treatment`` means measured before the treatment and
            possibly a cause of treatment or outcome, hence a control.
        tier: causal order; a column of a higher tier cannot cause one of a lower tier.
        reason: why it has this role, or why it is excluded.
        levels: order of the levels of an ordinal column.
    """

    name: str
    meaning: str = ""
    type: ColumnType | None = None
    unit: str = ""
    role: Role | None = None
    tier: int | None = None
    reason: str = ""
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionDefaults:
    """The question a knowledge file asks when the command line asks none."""

    text: str = ""
    treatment: str | None = None
    outcome: str | None = None
    control_value: Scalar = None
    treated_value: Scalar = None
    quantity: Literal["ATE", "ATT", "ATC"] | None = None
    design: Literal["auto", "rct", "adjustment"] = "auto"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The accepted answer of a bundled data set: shown to people, never to a model."""

    text: str = ""
    low: float | None = None
    high: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything given before discovery: honoured by each method or refused by name, verified in its output.

    Attributes:
        columns: known columns and latents, in file order.
        forbidden: ordered pairs (cause, effect) that cannot be direct causes.
        required: ordered pairs (cause, effect) that are direct causes.
        graph: a causal graph as dagitty text, with its latents, or empty.
        question: default question.
        title, source, licence: provenance for people.
        accepted: accepted answer, for people only.
        origin: where the knowledge came from (``card``, ``file``, ``flags``), empty when there is none.
        origins: entries that did not come from a person, each with where it came from.
    """

    columns: tuple[ColumnKnowledge, ...] = ()
    forbidden: tuple[tuple[str, str], ...] = ()
    required: tuple[tuple[str, str], ...] = ()
    graph: str = ""
    question: QuestionDefaults = field(default_factory=QuestionDefaults)
    title: str = ""
    source: str = ""
    licence: str = ""
    accepted: Accepted = field(default_factory=Accepted)
    origin: str = ""
    origins: tuple[tuple[str, str], ...] = ()

    def column(self, name: str) -> ColumnKnowledge | None:
        """What is known of one column, or ``None``."""
        return next((c for c in self.columns if c.name == name), None)

    def with_role(self, *roles: Role) -> tuple[str, ...]:
        """Names of the columns that have one of these roles, in file order."""
        return tuple(c.name for c in self.columns if c.role in roles)

    @property
    def proposed(self) -> frozenset[tuple[str, str]]:
        """Required edges that a model proposed and the user accepted."""
        told = {what for what, where in self.origins if where.startswith("proposed by ")}
        return frozenset((a, b) for a, b in self.required if f"{a} --> {b}" in told)

    @property
    def latents(self) -> tuple[str, ...]:
        """Names of the unmeasured variables."""
        return self.with_role("latent")

    @property
    def has_roles(self) -> bool:
        """Whether the file says which columns come before the treatment."""
        return any(c.role == "pre_treatment" for c in self.columns)

    @property
    def has_order(self) -> bool:
        """Whether anything here constrains a graph search."""
        return bool(self.forbidden or self.required or any(c.tier is not None for c in self.columns))
