"""Slash commands that look: none of them changes anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from causalcopilot.cli.cards import method_text, owner_of
from causalcopilot.cli.chat import graphs
from causalcopilot.cli.chat.registry import commands, find, slash
from causalcopilot.cli.text.cards import tool_text
from causalcopilot.cli.text.layout import table, wrap
from causalcopilot.cli.text.profile import profile_text
from causalcopilot.cli.text.run import run_text
from causalcopilot.errors import UsageError

if TYPE_CHECKING:
    from causalcopilot.agent.turn import Turn
    from causalcopilot.cli.chat.talk import Talk


@slash("help", "[COMMAND]", "commands")
def help_(talk: Talk, rest: str) -> None:
    """List the commands, or explain one."""
    if rest:
        command, _ = find(f"/{rest.lstrip('/')}")
        talk.screen.result(f"{command.usage}\n{wrap(command.help, '  ')}")
        return
    rows = [(c.usage, c.help) for c in commands().values()]
    talk.screen.result(f"{table(('command', 'what it does'), rows)}\n\n{wrap(KEYS)}")


KEYS = (
    'Anything else is a question in plain words; after an answer, short ones such as "why?", "and given age?" or'
    ' "how sure are you?" go on from it. Tab completes commands and columns, the arrow keys bring back lines. A line'
    ' that ends in \\ goes on; so does text between """ and """. Ctrl-C stops a step and keeps the turn; twice, or'
    " Ctrl-D, leaves."
)
"""What a person may type and press beyond the commands."""


@slash("data", "[COLUMN]", "columns")
def data(talk: Talk, rest: str) -> None:
    """The table and its columns, or one column."""
    from dataclasses import replace

    profile = talk.case.profile
    if rest:
        profile = replace(profile, columns=(profile.column(talk.column(rest)),), notices=())
    talk.screen.result(profile_text(profile))


@slash("edges", "[NAME]", "graphs")
def edges(talk: Talk, rest: str) -> None:
    """The edges of a graph with confidence and origin."""
    stored = graphs.meant(talk, rest)
    rows = graphs.edge_rows(stored, dict(talk.case.knowledge.origins))
    body = table(("edge", "confidence", "origin"), rows) if rows else "no edges"
    talk.screen.result(f"{stored.id}\n{body}")


@slash("why", "")
def why(talk: Talk, rest: str) -> None:
    """Explain the last verdict: rule, checks, path."""
    turn = talk.answered
    if turn is None:
        raise UsageError("nothing to explain yet", "ask a question first")
    talk.screen.result("\n".join(_reasons(turn)))


def _reasons(turn: Turn) -> list[str]:
    from causalcopilot.report.documents import estimate_document
    from causalcopilot.report.findings import read_run
    from causalcopilot.toolkit.result import StructureResult

    findings = read_run(turn.run)
    if turn.verdict is None:
        found = findings.last(StructureResult)
        if found is None:
            return ["the last answer has no verdict: verdicts are given to effects only"]
        where = f"graph {found.result.graph}" if found.result.graph else "a test on the table"
        path = next((f.value for f in found.result.facts if f.key == "path" and f.value), "")
        return [f"answer {found.result.answer}, from {where}", *([f"path: {path}"] if path else [])]
    document = estimate_document(turn.run)
    verdict, i = document["verdict"], document["identification"]
    rule = findings.refuted.fact("reason") if findings.refuted else None
    lines = [wrap(f"verdict {verdict['value']}: {verdict['reason']}")]
    lines += [f"rule: {rule.value}"] if rule else []
    lines += [wrap(f"next: {verdict['next']}")] if verdict.get("next") else []
    if i:
        used = ", ".join(i["controls"]["minimal"] + i["controls"]["optional"]) or "nothing"
        lines += [wrap(f"identification: {i['status']} by {i['strategy'] or 'nothing'}; held fixed: {used}")]
        lines += [f"open path: {' '.join(i['blocking_path'])}"] if i["blocking_path"] else []
    rows = [(c["status"], c["name"], c.get("detail") or "") for c in document["checks"]]
    return [*lines, "", table(("check", "name", "what it says"), rows)] if rows else lines


@slash("tools", "[NAME]")
def tools(talk: Talk, rest: str) -> None:
    """What the analysis can do, or one tool."""
    registry = talk.session.registry
    if rest:
        owner = None if rest in registry.names else owner_of(rest, registry)
        talk.screen.result(method_text(rest, owner) if owner else tool_text(registry.get(rest)))
        return
    talk.screen.result(table(("tool", "what it does"), [(t.name, t.summary) for t in registry]))


@slash("run", "[RUN]", "runs")
def run(talk: Talk, rest: str) -> None:
    """The runs of this chat and before, or one run with every call."""
    memory = talk.session.memory
    if rest:
        talk.screen.result(run_text(memory.run(rest)))
        return
    runs = memory.runs(12)
    if not runs:
        raise UsageError("no runs yet", "ask a question first")
    rows = [(r.id, r.command, r.status, r.verdict, r.question.text or r.question.kind) for r in runs]
    talk.screen.result(table(("run", "command", "status", "verdict", "question"), rows))


@slash("cost", "")
def cost(talk: Talk, rest: str) -> None:
    """Tokens used so far; money only where prices are configured."""
    talk.screen.result(_cost(talk))


def _cost(talk: Talk) -> str:
    from langchain_core.messages import AIMessage

    use = [m.usage_metadata for m in talk.conversation.messages if isinstance(m, AIMessage)]
    sent = sum(u["input_tokens"] for u in use if u)
    got = sum(u["output_tokens"] for u in use if u)
    name = talk.session.settings.model
    text = f"{name}: {sent + got:,} tokens ({sent:,} in, {got:,} out)"
    if name == "expert":
        return f"{text}; the built-in expert costs nothing"
    from causalcopilot.agent.session import model_settings

    money = model_settings(talk.session.settings).cost(sent, got)
    if money is None:
        return f"{text}; no price is configured (ccp config set price_in …, price_out …)"
    return f"{text}; {money:.4f} at the configured prices"


@slash("prompt", "[QUESTION]")
def prompt(talk: Talk, rest: str) -> None:
    """The exact next request, as it would be sent; nothing is sent."""
    from causalcopilot.agent.case import complete
    from causalcopilot.agent.language.intent import parse_question
    from causalcopilot.domain.question import Question

    case = talk.case
    question = parse_question(rest, case.profile, case.knowledge) if rest else Question("unclear")
    body = talk.conversation.request(complete(question, case), talk.plan())
    talk.screen.result(json.dumps(body, ensure_ascii=False, indent=1))


@slash("report", "[FORMATS]", "formats")
def report(talk: Talk, rest: str) -> None:
    """Write the report of the last answer (md, html, json)."""
    from causalcopilot.agent.published import folder_of, publish
    from causalcopilot.cli.reports import report_formats

    turn = talk.answered
    if turn is None:
        raise UsageError("nothing to report yet", "ask a question first")
    run = turn.run
    memory = talk.session.memory
    paths = publish(run, memory, folder_of(run, memory), report_formats(rest.replace(" ", ",")))
    talk.screen.result("\n".join(str(p) for p in paths.all))
