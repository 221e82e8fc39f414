"""Knowledge files: what people know about a table, in TOML.

One format serves three places: a sidecar (``sales.toml`` beside ``sales.csv``), a file given by ``--knowledge``,
and the cards of bundled data sets.  Everything is optional; unknown keys are refused with the nearest known one.

::

    title = "Loyalty programme 2023"
    # Direct causes that cannot be, or that are certain.  Top-level keys stand above the first [section].
    forbidden = [["spend", "age"]]
    required = [["coupon", "visits"]]
    # Causal order, earliest first; a later column cannot cause an earlier one.
    tiers = [["age", "income"], ["coupon"], ["visits", "spend"]]
    # A whole graph, as dagitty text; [latent] marks what nobody measured.
    graph = "dag { u [latent] u -> coupon u -> spend coupon -> spend }"

    [question]
    text = "Does a coupon raise spend?"
    treatment = "coupon"
    outcome = "spend"
    from = 0                  # the treatment values compared
    to = 1
    quantity = "ATT"          # ATE, ATT or ATC
    design = "adjustment"     # auto, rct or adjustment

    [roles]                   # names by role; the same as role = "..." in each column
    pre_treatment = ["age", "income"]
    excluded = ["note"]

    [columns.spend]
    meaning = "money spent in the three months after the mailing"
    type = "continuous"       # binary nominal ordinal count continuous date identifier text constant
    unit = "dollars"
    role = "outcome"
    tier = 3                  # instead of the list of tiers
    reason = "..."            # why it has this role
    levels = ["low", "high"]  # order of the levels of an ordinal column

    [[latent]]
    name = "thrift"
    meaning = "how careful people are with money; not measured"

    [source]
    text = "our own records"
    licence = "internal"

    [accepted]                # shown to people, never to a model
    text = "3.4 to 3.5 kg"
    low = 3.4
    high = 3.5
    source = "a book"

Roles: ``treatment``; ``outcome``; ``pre_treatment`` (measured before the treatment and possibly a cause of
treatment or outcome: a control); ``post_treatment``; ``mediator``; ``identifier``; ``instrument``; ``time``;
``unit``; ``cluster``; ``weight``; ``event`` (1 where the outcome's event was seen, 0 where its time was cut
short); ``domain`` (where or when a row was recorded, for methods cd_nod and multi_group_lingam);
``negative_control_outcome``; ``excluded``; ``latent``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

from causalcopilot.data.knowledge_reader import Section
from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.knowledge import (
    Accepted,
    ColumnKnowledge,
    ColumnType,
    Knowledge,
    QuestionDefaults,
    Role,
)
from causalcopilot.errors import KnowledgeError

ROLES: tuple[Role, ...] = get_args(Role)
TYPES: tuple[ColumnType, ...] = get_args(ColumnType)
QUANTITIES: tuple[Literal["ATE", "ATT", "ATC"], ...] = ("ATE", "ATT", "ATC")
DESIGNS: tuple[Literal["auto", "rct", "adjustment"], ...] = ("auto", "rct", "adjustment")


def read_knowledge(path: Path) -> Knowledge:
    """The knowledge in a file.

    Raises:
        KnowledgeError: no such file, no TOML, or something in it is not understood.
    """
    try:
        raw = Path(path).read_bytes()
    except OSError as e:
        raise KnowledgeError(f"cannot read the knowledge file {path}: {e.strerror}", "check the path") from e
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    try:
        return parse_knowledge(text, "file")
    except KnowledgeError as e:
        raise KnowledgeError(f"{Path(path).name}: {e.message}", e.hint) from e


def parse_knowledge(text: str, origin: str) -> Knowledge:
    """The knowledge in a TOML text; ``origin`` says where it came from (``card``, ``file``, ``flags``).

    Raises:
        KnowledgeError: no TOML, an unknown key, role or type, or statements that contradict each other.
    """
    try:
        top = Section("", tomllib.loads(text))
    except tomllib.TOMLDecodeError as e:
        raise KnowledgeError(f"not valid TOML: {e}", "see ccp data card DATA for a file that is") from e
    columns = _columns(top)
    forbidden = top.pairs("forbidden")
    required = top.pairs("required")
    graph, title = top.text("graph"), top.text("title")
    question = _question(top.section("question"), columns)
    source = top.section("source")
    accepted = top.section("accepted")
    knowledge = Knowledge(
        columns=columns,
        forbidden=forbidden,
        required=required,
        graph=graph,
        question=question,
        title=title,
        source=" ".join(t for t in (source.text("text"), source.text("url")) if t),
        licence=source.text("licence"),
        accepted=Accepted(
            accepted.text("text"), accepted.number("low"), accepted.number("high"), accepted.text("source")
        ),
        origin=origin,
    )
    for section in (source, accepted, top):
        section.finish()
    _consistent(knowledge)
    return knowledge


def _columns(top: Section) -> tuple[ColumnKnowledge, ...]:
    """Columns in file order, with roles and tiers from their lists."""
    found: dict[str, ColumnKnowledge] = {}
    for name, section in top.sections("columns"):
        found[name] = _column(name, section)
    roles = top.section("roles")
    for role in ROLES:
        for name in roles.texts(role):
            found[name] = _set(found.get(name, ColumnKnowledge(name)), "role", role)
    roles.finish()
    for tier, group in enumerate(top.lists("tiers"), start=1):
        for name in group:
            found[name] = _set(found.get(name, ColumnKnowledge(name)), "tier", tier)
    for section in top.list_of_sections("latent"):
        name = section.text("name") or section.fail("a latent needs a name", 'write name = "..."')
        if name in found and found[name].role != "latent":
            raise KnowledgeError(
                f"{name!r} is described both as a column and as latent", "keep one of the two"
            )
        found[name] = ColumnKnowledge(
            name, section.text("meaning"), role="latent", tier=section.whole("tier")
        )
        section.finish()
    return tuple(found.values())


def _column(name: str, section: Section) -> ColumnKnowledge:
    column = ColumnKnowledge(
        name=name,
        meaning=section.text("meaning"),
        type=section.choice("type", TYPES),
        unit=section.text("unit"),
        role=section.choice("role", ROLES),
        tier=section.whole("tier"),
        reason=section.text("reason"),
        levels=tuple(str(v) for v in section.scalars("levels")),
    )
    section.finish()
    return column


def _set(column: ColumnKnowledge, field: str, value: Any) -> ColumnKnowledge:
    before = getattr(column, field)
    if before is not None and before != value:
        raise KnowledgeError(f"{column.name!r} has two {field}s: {before} and {value}", "keep one of the two")
    return replace(column, **{field: value})


def _question(section: Section, columns: Sequence[ColumnKnowledge]) -> QuestionDefaults:
    """The question, its treatment and outcome taken from the roles where the section names none."""
    by_role = {c.role: c.name for c in reversed(columns) if c.role}
    question = QuestionDefaults(
        text=section.text("text"),
        treatment=section.text("treatment") or by_role.get("treatment"),
        outcome=section.text("outcome") or by_role.get("outcome"),
        control_value=section.scalar("from"),
        treated_value=section.scalar("to"),
        quantity=section.choice("quantity", QUANTITIES),
        design=section.choice("design", DESIGNS) or "auto",
    )
    section.finish()
    return question


def _consistent(knowledge: Knowledge) -> None:
    both = set(knowledge.forbidden) & set(knowledge.required)
    if both:
        a, b = sorted(both)[0]
        raise KnowledgeError(f"{a} -> {b} is both required and forbidden", "keep one of the two")
    tier = {c.name: c.tier for c in knowledge.columns if c.tier is not None}
    for a, b in knowledge.required:
        if a in tier and b in tier and tier[a] > tier[b]:
            raise KnowledgeError(
                f"{a} -> {b} is required but {a} stands in a later tier", "change one of the two"
            )
    question = knowledge.question
    if question.treatment is not None and question.treatment == question.outcome:
        raise KnowledgeError(f"{question.treatment!r} is both treatment and outcome", "name two columns")
    for name in (question.treatment, question.outcome):
        column = knowledge.column(name) if name else None
        if column and column.role not in (None, "treatment", "outcome"):
            raise KnowledgeError(
                f"{name!r} is asked about but has role {column.role}", "change role or question"
            )


def merge_flags(
    knowledge: Knowledge,
    *,
    text: str = "",
    treatment: str | None = None,
    outcome: str | None = None,
    control_value: Scalar = None,
    treated_value: Scalar = None,
    graph: str = "",
) -> Knowledge:
    """Knowledge with what the command line says put over it.

    Another treatment or outcome than the file's drops what the file says of the old question: its text,
    contrast, quantity and design.
    """
    old = knowledge.question
    changed = (treatment or old.treatment, outcome or old.outcome) != (old.treatment, old.outcome)
    base = QuestionDefaults(treatment=old.treatment, outcome=old.outcome) if changed else old
    question = replace(
        base,
        text=text or base.text,
        treatment=treatment or base.treatment,
        outcome=outcome or base.outcome,
        control_value=base.control_value if control_value is None else control_value,
        treated_value=base.treated_value if treated_value is None else treated_value,
    )
    return replace(
        knowledge, question=question, graph=graph or knowledge.graph, origin=knowledge.origin or "flags"
    )
