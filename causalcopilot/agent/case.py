"""One table made ready to be asked: data, knowledge, profile, and the graph that was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.data.dataset import Dataset
from causalcopilot.domain.designs import instruments_of
from causalcopilot.domain.knowledge import ColumnType, Knowledge
from causalcopilot.domain.profile import Notice, Profile
from causalcopilot.domain.question import ABOUT_EFFECTS, Contrast, Question
from causalcopilot.errors import GraphNotFound, KnowledgeError, UsageError
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import NewGraph
from causalcopilot.toolkit.toolbox import plain_name

if TYPE_CHECKING:
    from causalcopilot.memory.memory import Memory


@dataclass(frozen=True)
class Case:
    """A table made ready.

    Attributes:
        source: what the user called it; a replay opens it again.
        dataset: the typed table.
        profile: its profile.
        knowledge: what was given with it.
        notices: everything worth saying about reading it.
        graph: the graph that was given, saved in the memory, or ``None``.
    """

    source: str
    dataset: Dataset
    profile: Profile
    knowledge: Knowledge
    notices: tuple[Notice, ...] = ()
    graph: StoredGraph | None = None

    @property
    def name(self) -> str:
        """A short name for graphs and folders (``toolkit.toolbox.plain_name``)."""
        return plain_name(self.source)


def open_case(
    source: Any,
    *,
    scratch: Path,
    memory: Memory,
    knowledge_file: Path | None = None,
    use_knowledge: bool = True,
    columns: Sequence[str] | None = None,
    types: Mapping[str, ColumnType] | None = None,
    graph: str | None = None,
) -> Case:
    """Read a table with everything that was given beside it.

    Args:
        source: path, ``-``, ``file.duckdb::table``, ``dataset:NAME`` or a DataFrame.
        scratch: the run's scratch folder.
        memory: where a given graph is saved and named graphs are looked up.
        knowledge_file: ``--knowledge``.
        use_knowledge: false for ``--no-knowledge``.
        columns: read only these.
        types: column types the user overrides.
        graph: ``--graph``: a remembered name, a graph file, or dagitty text.

    Raises:
        DataError, KnowledgeError, ColumnNotFound, GraphNotFound: with a hint.
    """
    from causalcopilot.data import ReadOptions, check_knowledge, knowledge_for, open_data, profile_dataset

    knowledge = knowledge_for(source, knowledge_file, use_knowledge)
    options = ReadOptions(types=dict(types)) if types else None
    if columns is not None:  # a role speaks of rows that controls named by hand do not list
        roles = knowledge.with_role("cluster", "unit", "weight", "event", "negative_control_outcome")
        columns = list(dict.fromkeys((*columns, *roles)))
    opened = open_data(source, scratch=scratch, knowledge=knowledge, columns=columns, options=options)
    notices = (*opened.notices, *check_knowledge(knowledge, opened.available))
    profile = profile_dataset(opened.dataset, notices, knowledge)
    name = source if isinstance(source, str) else "dataframe"
    case = Case(name, opened.dataset, profile, knowledge, notices)
    return replace(case, graph=_given_graph(case, graph, memory))


def _given_graph(case: Case, graph: str | None, memory: Memory) -> StoredGraph | None:
    if not graph and not case.knowledge.graph:
        return None
    from causalcopilot.graph.formats import from_dagitty, read_graph_file

    if graph and (Path(graph).suffix or "{" in graph):
        drawn = from_dagitty(graph) if "{" in graph else read_graph_file(Path(graph))
    elif graph:
        return memory.graph(graph)
    else:
        drawn = from_dagitty(case.knowledge.graph)
    unknown = [n for n in drawn.observed if n not in case.dataset.columns]
    if unknown:
        raise KnowledgeError(
            f"the graph names {', '.join(map(repr, unknown[:5]))}, which {case.source} does not have",
            "mark unmeasured variables in the graph, for example: u [latent]",
        )
    name = f"{case.name}_given"
    try:
        known = memory.graph(name)
    except GraphNotFound:
        known = None
    if known is not None and known.graph == drawn and known.dataset == case.profile.hash:
        return known
    return memory.graph(
        memory.save_graph(NewGraph(drawn, name, method="user", op="imported"), dataset=case.profile.hash)
    )


def complete(question: Question, case: Case) -> Question:
    """The question with names resolved against the table and gaps filled from the knowledge.

    Raises:
        ColumnNotFound: a name is not in the table, with the nearest names.
        UsageError: treatment and outcome are the same column, or one of them is named in another part too.
    """
    asked, resolve = case.knowledge.question, case.dataset.resolve
    known = case.dataset.columns
    treatment, outcome = question.treatment, question.outcome
    if question.kind in ("explore", "effect", "subgroups"):
        treatment = treatment or (asked.treatment if asked.treatment in known else None)
        outcome = outcome or (asked.outcome if asked.outcome in known else None)
    treatment = resolve(treatment) if treatment else None
    outcome = resolve(outcome) if outcome else None
    if treatment and treatment == outcome:
        raise UsageError(f"{treatment!r} cannot be both treatment and outcome", "name two different columns")
    modifiers = tuple(dict.fromkeys(map(resolve, question.modifiers)))
    if twice := next((m for m in modifiers if m in (treatment, outcome)), None):
        raise UsageError(
            f"{twice!r} is what the question is about, so the effect cannot differ by it",
            "name a column that was measured before the treatment",
        )
    controls = None if question.controls is None else tuple(dict.fromkeys(map(resolve, question.controls)))
    if held := next((c for c in controls or () if c in (treatment, outcome)), None):
        raise UsageError(
            f"{held!r} is what the question is about and cannot be a control", "leave it out of the controls"
        )
    question = replace(
        question,
        treatment=treatment,
        outcome=outcome,
        given=tuple(map(resolve, question.given)),
        columns=tuple(map(resolve, question.columns)),
        controls=controls,
        instrument=",".join(map(resolve, instruments_of(question))) or None,
        running=resolve(question.running) if question.running else None,
        time=resolve(question.time) if question.time else None,
        unit=resolve(question.unit) if question.unit else None,
        cluster=resolve(question.cluster) if question.cluster else None,
        weights=resolve(question.weights) if question.weights else None,
        event=resolve(question.event) if question.event else None,
        mediator=resolve(question.mediator) if question.mediator else None,
        together=tuple(map(resolve, question.together)),
        modifiers=modifiers,
        negative_controls=tuple(map(resolve, question.negative_controls)),
        graph=question.graph or (case.graph.id if case.graph else None),
    )
    same = treatment == asked.treatment and asked.treated_value is not None
    if (
        question.contrast is None
        and same
        and not question.together
        and question.kind in (*ABOUT_EFFECTS, "explore")
    ):
        question = replace(question, contrast=Contrast(asked.control_value, asked.treated_value))
    if question.kind == "explore" and treatment and outcome:
        question = replace(question, kind="effect")
    if asked.quantity and question.quantity is None and treatment == asked.treatment:
        question = replace(question, quantity=asked.quantity)
    return _over_time(question, case)


LONG = 30
"""Steps per unit from which a table whose knowledge names a time column is searched as a series."""


def _over_time(question: Question, case: Case) -> Question:
    """The question with time and unit from the knowledge, where the rows are steps in time and nothing else."""
    if question.kind in ABOUT_EFFECTS or question.time:
        return question
    known = case.dataset.columns
    times, units = ([c for c in case.knowledge.with_role(r) if c in known] for r in ("time", "unit"))
    if len(times) != 1 or len(units) > 1:
        return question
    count = case.profile.column(units[0]).distinct if units else 1
    steps = case.profile.rows / max(1, count)
    if steps < LONG or case.profile.column(times[0]).distinct < steps:
        return question
    return replace(question, time=times[0], unit=units[0] if units else None)
