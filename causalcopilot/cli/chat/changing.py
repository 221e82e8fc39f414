"""Slash commands that change what comes next; ``/undo`` takes each of them back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.cli.chat import graphs
from causalcopilot.cli.chat.registry import slash
from causalcopilot.cli.text.layout import table, wrap
from causalcopilot.errors import UsageError

if TYPE_CHECKING:
    from causalcopilot.cli.chat.talk import Talk
    from causalcopilot.graph.stored import StoredGraph
    from causalcopilot.toolkit.result import NewGraph


@slash("graph", "[NAME | list | EDGES]", "graphs")
def graph(talk: Talk, rest: str) -> None:
    """Show a graph, list all, or give one as edges (a -> b, b -> c) or dagitty text."""
    if rest == "list":
        heads = talk.session.memory.graphs()
        rows = [(h.id, h.kind, str(h.edges), h.method, h.op) for h in heads]
        talk.screen.result(
            table(("graph", "kind", "edges", "method", "how"), rows) if rows else "no graphs yet"
        )
    elif graphs.is_text(rest):
        from causalcopilot.toolkit.result import NewGraph

        drawn = graphs.read(rest, talk)
        new = NewGraph(drawn, f"{talk.case.name}_drawn", method="user", op="imported")
        stored = _save(talk, new)
        _use(talk, stored, f"the graph {stored.id}", saved=stored.id)
        talk.screen.result("\n".join(graphs.lines(stored)))
        talk.screen.say(f"{stored.id} is in force for the next questions; /undo takes it back")
    else:
        talk.screen.result("\n".join(graphs.lines(graphs.meant(talk, rest))))


def _save(talk: Talk, new: NewGraph) -> StoredGraph:
    memory = talk.session.memory
    return memory.graph(memory.save_graph(new, dataset=talk.case.profile.hash))


def _use(talk: Talk, stored: StoredGraph | None, said: str, saved: str = "") -> None:
    """Put a graph in force; taking that back also takes back the version that was saved for it."""
    from causalcopilot.cli.chat.talk import Step

    talk.change(said, graph=stored)
    if saved:
        step = talk.steps.pop()

        def back() -> str:
            talk.session.memory.undo_graph(saved)
            return step.back()

        talk.steps.append(Step(said, back))


@slash("save", "NAME")
def save(talk: Talk, rest: str) -> None:
    """Remember the graph in force under a name."""
    from causalcopilot.cli.chat.talk import Step
    from causalcopilot.toolkit.result import NewGraph

    if not rest:
        raise UsageError("a name is missing", "for example: /save mine")
    stored = graphs.meant(talk, "")
    copy = NewGraph(stored.graph, rest, stored.method, op="copied", parent=stored.id, note=stored.note)
    made = _save(talk, copy).id

    def back() -> str:
        talk.session.memory.undo_graph(made)
        return f"the graph {made}"

    talk.steps.append(Step(f"the graph {made}", back))
    talk.screen.result(f"{stored.id} saved as {made}")


@slash("load", "NAME | none", "graphs")
def load(talk: Talk, rest: str) -> None:
    """Put a remembered graph in force; none lets the data speak again."""
    if not rest:
        raise UsageError("a name is missing", "list them with: /graph list")
    if rest == "none":
        _use(talk, None, "letting go of the graph")
        talk.screen.result("no graph is in force")
        return
    stored = talk.session.memory.graph(rest)
    unknown = [n for n in stored.graph.observed if n not in talk.case.dataset.columns]
    if unknown:
        raise UsageError(
            f"{stored.id} names {', '.join(map(repr, unknown[:5]))}, which this table does not have",
            "load a graph of this table",
        )
    _use(talk, stored, f"loading {stored.id}")
    other = stored.dataset and stored.dataset != talk.case.profile.hash
    talk.screen.result(f"{stored.id} is in force" + (" (it was learned from other data)" if other else ""))


@slash("do", "A=VALUE [from VALUE]", "setting")
def do(talk: Talk, rest: str) -> None:
    """What if a column were set to a value."""
    from causalcopilot.agent.case import complete
    from causalcopilot.agent.language.said import Said
    from causalcopilot.agent.language.whatif import set_to
    from causalcopilot.domain.question import Question

    m = re.fullmatch(r"(.+?)\s*(?:=|\bto\b)\s*(\S+?)(?:\s+from\s+(\S+))?(?:\s+on\s+(.+))?", rest)
    if m is None:
        m = re.fullmatch(r"(.+?)\s+([-+]?\.?\d\S*)(?:\s+from\s+(\S+))?(?:\s+on\s+(.+))?", rest)
    if m is None:
        raise UsageError("which column, and to what?", "for example: /do price=5, or /do price=5 from 3")
    said = talk.said or Said(Question(), talk.case.profile, talk.case.knowledge)
    if m[4]:
        said = replace(said, question=Question("effect", outcome=talk.column(m[4])), identification=None)
    column = talk.column(m[1])
    question = set_to(said, column, m[2], m[3])
    c = question.contrast
    assert c is not None  # set_to gives one
    talk.screen.say(f"effect of {column} on {question.outcome}, from {c.control} to {c.treated}")
    talk.ask(complete(replace(question, text=f"do {rest}"), talk.case))


@slash("forbid", "A B", "columns")
def forbid(talk: Talk, rest: str) -> None:
    """A cannot cause B directly: the next search honours it."""
    pair = _pair(talk, rest)
    known = talk.case.knowledge
    if pair in known.required:
        raise UsageError(f"{pair[0]} --> {pair[1]} is required", "take that back first with /undo")
    if pair in known.forbidden:
        raise UsageError(f"{pair[0]} --> {pair[1]} is forbidden already", "see /data")
    talk.change(
        f"forbidding {pair[0]} --> {pair[1]}", knowledge=replace(known, forbidden=(*known.forbidden, pair))
    )
    talk.screen.result(f"forbidden: {pair[0]} --> {pair[1]}; the next search honours it")


@slash("require", "A B", "columns")
def require(talk: Talk, rest: str) -> None:
    """A causes B directly: the next search honours it."""
    pair = _pair(talk, rest)
    talk.require(pair, f"requiring {pair[0]} --> {pair[1]}")
    talk.screen.result(f"required: {pair[0]} --> {pair[1]}; the next search honours it")


def _pair(talk: Talk, rest: str) -> tuple[str, str]:
    """Two columns: ``a b``, ``a -> b``, ``a, b``, with quotes around names of several words."""
    import shlex

    text = rest.replace("\u2192", "->")
    parts = [p for p in re.split(r"\s*(?:-+>|,)\s*", text) if p]
    if len(parts) != 2:
        try:
            parts = shlex.split(text)
        except ValueError:
            parts = []
    if len(parts) != 2:
        raise UsageError("two columns are needed", "for example: /forbid a b, or /forbid a -> b")
    a, b = talk.column(parts[0]), talk.column(parts[1])
    if a == b:
        raise UsageError(f"{a!r} cannot cause itself", "name two columns")
    return a, b


@slash("accept", "[N]")
def accept(talk: Talk, rest: str) -> None:
    """Take a model's proposal into the knowledge; without a number, list them."""
    from causalcopilot.agent.proposals import accepted

    if not rest:
        lines = [f"[{i}] {p.told}" for i, p in enumerate(talk.open, 1)]
        talk.screen.result("\n".join(lines) or "no proposals; models make them, the expert makes none")
        return
    if not rest.isdigit() or not 1 <= int(rest) <= len(talk.open):
        raise UsageError(f"no proposal {rest!r}", "list them with: /accept")
    made = talk.open[int(rest) - 1]
    talk.change(f"accepting {made.said}", knowledge=accepted(talk.case.knowledge, made))
    talk.screen.result(f"accepted: {made.said}; what is asked next honours it")


@slash("undo", "")
def undo(talk: Talk, rest: str) -> None:
    """Take back the last step, with the graphs it saved."""
    talk.screen.result(wrap(f"taken back: {talk.undo()}"))


@slash("retry", "[seed N | model NAME]", "models")
def retry(talk: Talk, rest: str) -> None:
    """Ask the last question again and compute it anew."""
    from causalcopilot.agent.case import complete

    asked = talk.conversation.questions
    if not asked:
        raise UsageError("nothing to repeat yet", "ask a question first")
    word, _, value = rest.partition(" ")
    if word in ("seed", "model") and value:
        talk.set_seed(value) if word == "seed" else talk.conversation.use(value)
    elif word:
        talk.set_seed(word) if word.isdigit() else talk.conversation.use(word)
    elif talk.session.settings.model == "expert":
        talk.set_seed(str(talk.session.settings.seed + 1))
    talk.screen.say(f"again, with {talk.session.settings.model} and seed {talk.session.settings.seed}")
    talk.ask(complete(asked[-1], talk.case), fresh=True)


@slash("clear", "")
def clear(talk: Talk, rest: str) -> None:
    """Start afresh on the same table; graphs, knowledge and runs stay."""
    talk.clear()
    talk.screen.result("a fresh conversation; nothing said before is remembered by the model")


@slash("quit", "")
def quit_(talk: Talk, rest: str) -> None:
    """Leave."""
    talk.leaving = True
