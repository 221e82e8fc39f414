"""ccp in a notebook or a script: the same runs, with result objects instead of text.

import causalcopilot as cc

found = cc.analyze(df, treatment="price", outcome="units")
found.verdict.value, found.estimate.value, found.estimate.low, found.estimate.high
cc.ask(df, "Are price and region independent?").answer.answer
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from causalcopilot.domain.estimate import Check, Estimate, Sensitivity, Verdict
from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.domain.run import RunRecord
from causalcopilot.graph.stored import StoredGraph

if TYPE_CHECKING:
    import pandas as pd

    from causalcopilot.agent.case import Case
    from causalcopilot.agent.pins import Pins
    from causalcopilot.domain.answer import Answer
    from causalcopilot.report.write import ReportPaths


@dataclass(frozen=True)
class Analysis:
    """What one run found.

    Attributes:
        run: the stored run with its calls.
        answer: the short answer.
        identification: who is adjusted for and why, where an effect was asked for.
        estimate: the estimate that answers the question, in the outcome's unit; ``None`` where there is none.
        estimates: every estimate, the primary one first.
        checks, sensitivity: what was tried against it.
        verdict: may the interval be read as causal?  ``None`` where no effect was asked for.
        text: the narrative, every number printed from a stored fact.
        graphs: graphs the run made or was given.
        notices: what is worth knowing about the table.
    """

    run: RunRecord
    answer: Answer
    identification: Identification | None
    estimate: Estimate | None
    estimates: tuple[Estimate, ...]
    checks: tuple[Check, ...]
    sensitivity: Sensitivity | None
    verdict: Verdict | None
    text: str
    graphs: tuple[StoredGraph, ...]
    notices: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The document that ``ccp estimate --json`` (or ``ask``, without an effect) prints."""
        from causalcopilot.report.documents import ask_document, estimate_document

        return ask_document(self.run, self.answer) if self.verdict is None else estimate_document(self.run)

    def html(self) -> str:
        """The whole report as one page."""
        from causalcopilot.report.build import build_view
        from causalcopilot.report.html import render_html

        return render_html(build_view(self.run, self.graphs))

    def write(
        self, folder: Path | str, formats: Sequence[Literal["md", "html", "json"]] = ("md", "html", "json")
    ) -> ReportPaths:
        """Write the report; never overwrites another run's folder."""
        from causalcopilot.report.write import write_report

        return write_report(self.run, self.graphs, Path(folder), formats)

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from html import escape

        page = escape(self.html(), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:640px;border:0" sandbox=""></iframe>'


def analyze(
    data: pd.DataFrame | str | Path,
    *,
    treatment: str | None = None,
    outcome: str | None = None,
    control_value: Scalar = None,
    treated_value: Scalar = None,
    controls: Sequence[str] | None = None,
    quantity: Literal["ATE", "ATT", "ATC"] | None = None,
    graph: str | None = None,
    assume: bool = False,
    by: Sequence[str] = (),
    **options: Any,
) -> Analysis:
    """Analyse a table: identify, estimate, refute, and learn a graph beside it.

    Args:
        data: a DataFrame (never changed) or anything the command line takes.
        treatment, outcome: columns; without them (and without a knowledge file that names them) the analysis is
            exploratory and states no effect.
        control_value, treated_value: treatment values compared.
        controls: adjust for exactly these columns.
        quantity: whose effect.
        graph: a remembered graph, a file, or dagitty text.
        assume: take the assumption of no unmeasured confounding.
        by: columns the effect may differ by: tested, and told group by group.
        options: ``knowledge`` (path), ``use_knowledge``, ``model``, ``memory`` (path), ``seed`` and other settings.

    Raises:
        CcpError: anything ``ccp`` would end with, with its hint.  Not identified is no error here: the verdict
            says so and ``estimate`` is ``None``.
    """
    given = control_value is not None and treated_value is not None
    question = Question(
        "effect" if treatment and outcome else "explore",
        treatment=treatment,
        outcome=outcome,
        contrast=Contrast(control_value, treated_value) if given else None,
        controls=None if controls is None else tuple(controls),
        quantity=quantity,
        assume=assume,
        modifiers=tuple(by),
    )
    return _run(data, question, "analyze", {"graph": graph, **options})


def ask(
    data: pd.DataFrame | str | Path,
    question: str,
    *,
    graph: str | None = None,
    method: str = "auto",
    test: str | None = None,
    alpha: float | None = None,
    domain: str | None = None,
    **options: Any,
) -> Analysis:
    """Answer one question in plain words; other arguments as in ``analyze``.

    Args:
        data: a DataFrame (never changed) or anything the command line takes.
        question: the question.
        graph: a remembered graph, a file, or dagitty text.
        method: a search, to pin how the graph behind the answer is learned, or an estimator.
        test, alpha: independence test and its level, where the search (or the question) makes tests.
        domain: column that tells where or when a row was recorded.
        options: as in ``analyze``.
    """
    from causalcopilot.agent.language.pinning import read_pins, split

    search, estimator = split(method)
    pins = read_pins(search, test, alpha, domain)
    asked = Question("unclear", text=question, method=estimator)
    return _run(data, asked, "ask", {"graph": graph, **options}, pins)


def _run(
    data: Any, question: Question, command: str, options: dict[str, Any], pins: Pins | None = None
) -> Analysis:
    from causalcopilot.agent.case import complete
    from causalcopilot.agent.conversation import Conversation
    from causalcopilot.agent.language.pinning import with_pins
    from causalcopilot.agent.pins import Pins
    from causalcopilot.agent.plan import Plan
    from causalcopilot.agent.published import graphs_of
    from causalcopilot.agent.session import Session
    from causalcopilot.settings import load_settings

    case_options = {
        "knowledge_file": Path(options.pop("knowledge")) if options.get("knowledge") else None,
        "use_knowledge": options.pop("use_knowledge", True),
        "graph": options.pop("graph", None),
    }
    options.pop("knowledge", None)
    with Session(load_settings(options)) as session:
        case = session.open(str(data) if isinstance(data, Path) else data, **case_options)
        pins = pins or Pins()
        asked = complete(with_pins(_understood(question, case), pins, question.method)(case), case)
        session.check_method(asked)
        conversation = Conversation(session, case)
        told = {"pins": pins.block()} if pins else None
        plan = Plan(command, thorough=command == "analyze", bootstrap=0, settings=told, pins=pins)
        for _ in conversation.ask(asked, plan):
            pass
        turn = conversation.turn
        if turn is None or turn.error is not None:
            raise turn.error if turn and turn.error else RuntimeError("the run ended without an answer")
        graphs = tuple(graphs_of(turn.run, session.memory))
    return _analysis(turn.run, turn.answer, turn.verdict, graphs, case)


def _understood(question: Question, case: Case) -> Question:
    if question.kind != "unclear":
        return question
    from causalcopilot.agent.language.intent import parse_question

    spoken = parse_question(question.text, case.profile, case.knowledge)
    method = question.method if question.method != "auto" else spoken.method
    return replace(spoken, assume=question.assume, method=method)


def _analysis(
    run: RunRecord, answer: Answer, verdict: Verdict | None, graphs: tuple[StoredGraph, ...], case: Case
) -> Analysis:
    from causalcopilot.report.claims import render, text_of
    from causalcopilot.report.findings import read_run

    found = read_run(run)
    estimated = found.estimated.result if found.estimated else None
    refuted = found.refuted.result if found.refuted else None
    listed = list(estimated.estimates) if estimated else []
    if estimated and listed:
        listed.insert(0, listed.pop(estimated.primary))
    return Analysis(
        run,
        answer,
        found.identification,
        listed[0] if listed else None,
        tuple(listed),
        refuted.checks if refuted else (),
        refuted.sensitivity if refuted else None,
        verdict,
        text_of(render(run.narrative, found.facts, found.names)).replace("**", ""),
        graphs,
        tuple(n.message for n in case.notices),
    )
