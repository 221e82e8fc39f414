"""Results as plain text, as wide as the terminal allows; 80 columns where there is none."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from causalcopilot.cli.terminal import width
from causalcopilot.domain.facts import display, plain, span_format

if TYPE_CHECKING:
    from causalcopilot.agent.replay import Replayed
    from causalcopilot.domain.knowledge import Knowledge
    from causalcopilot.domain.profile import Profile
    from causalcopilot.domain.run import RunRecord
    from causalcopilot.toolkit.tool import Tool

NARROW = 14
"""Columns the last column of a table has at least."""


def wrap(text: str, indent: str = "", hang: str | None = None) -> str:
    """A paragraph, as wide as the terminal."""
    return textwrap.fill(
        text,
        width(),
        initial_indent=indent,
        subsequent_indent=indent if hang is None else hang,
        break_long_words=False,
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Left-aligned columns with two spaces between them; the last one wraps."""
    body = [tuple(map(str, r)) for r in rows]
    wide = [max(len(r[i]) for r in (tuple(head), *body)) for i in range(len(head))]
    left = sum(wide[:-1]) + 2 * (len(head) - 1)
    lines = []
    for row in (tuple(head), *body):
        start = "  ".join(cell.ljust(w) for cell, w in zip(row[:-1], wide[:-1], strict=True))
        tail = textwrap.wrap(row[-1], max(NARROW, width() - left)) or [""]
        lines.append(f"{start}  {tail[0]}".rstrip() if len(row) > 1 else tail[0])
        lines += [" " * left + t for t in tail[1:]]
    return "\n".join(lines)


def counted(count: int, noun: str) -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def number(value: Any, unit: str = "") -> str:
    """A number for a reader: three significant digits, thousands separated."""
    if value is None:
        return "none"
    size = abs(float(value))
    digits = 0 if size >= 100 else min(6, 2 - math.floor(math.log10(size))) if size > 0 else 0
    text = display(float(value), f",.{digits}f")
    return f"{text} {unit}" if unit else text


def ranged(value: Any, low: Any, high: Any, unit: str = "") -> tuple[str, str]:
    """A number and its interval with the digits that prose gives them; no interval, no second text."""
    if value is None or low is None or high is None:
        return number(value, unit), ""
    spec = span_format(float(low), float(high))
    told, ends = display(float(value), spec), [display(float(v), spec) for v in (low, high)]
    return f"{told} {unit}" if unit else told, f"{ends[0]} to {ends[1]}"


def interval(e: Mapping[str, Any]) -> str:
    """``2.5 to 4.4``, or nothing where there is no interval."""
    if e.get("low") is None or e.get("high") is None:
        return "no interval"
    return f"{e['level']:.0%} interval {ranged(e['value'], e['low'], e['high'])[1]}"


def estimate_text(document: Mapping[str, Any]) -> str:
    """The ``estimate`` document for people: the answer, then what it rests on, then what was tried against it."""
    i, verdict = document["identification"], document["verdict"]
    if i is not None and i["status"] == "not_identified":
        return _refusal(document)
    if document["primary"] is None:
        return _unfinished(document)
    e = document["estimates"][document["primary"]]
    contrast = i["contrast"]
    lines = [
        f"Effect of {i['treatments'][0]} on {i['outcomes'][0]}, from {contrast['control']} to {contrast['treated']}",
        "",
        f"  {e['quantity']}  {ranged(e['value'], e['low'], e['high'], e['unit'])[0]}   {interval(e)}",
        f"  {e['population']} · {e['method']} · {e['n_used']:,} rows{_sampled(e)}",
        "",
        wrap(f"Verdict: {verdict['value']}. {verdict['reason']}"),
    ]
    if verdict.get("next"):
        lines.append(wrap(f"Next: {verdict['next']}"))
    return "\n".join(
        [
            *lines,
            "",
            *_basis(i),
            *_notes(document),
            *_ranged_beside(document),
            *_by_group(document),
            *_others(document),
            *_checks(document),
            *_sensitivity(document),
        ]
    )


def _notes(document: Mapping[str, Any]) -> list[str]:
    """What was done to the rows, and what a reader of the number must know."""
    notes = document.get("notes") or ()
    return [
        *(["To know:"] if notes else []),
        *(wrap(plain(n), "  ", "    ") for n in notes),
        *([""] if notes else []),
    ]


def _sampled(e: Mapping[str, Any]) -> str:
    """How rows belong together and what they stand for, as the estimate's note begins where they do."""
    first = str(e.get("note", "")).split("; ")[0]
    return f", {first}" if first.startswith(("counted by ", "weighed by ", "mean up to ")) else ""


def _unfinished(document: Mapping[str, Any]) -> str:
    """What is known where a limit was reached before the estimate."""
    i, asked = document["identification"], document["question"]
    head = f"Effect of {asked['treatment']} on {asked['outcome']}: no estimate was reached"
    return "\n".join([head, "", *(_basis(i) if i else [])]).rstrip()


def _refusal(document: Mapping[str, Any]) -> str:
    i, verdict = document["identification"], document["verdict"]
    lines = [
        f"Effect of {i['treatments'][0]} on {i['outcomes'][0]}: not identified, so no estimate is given",
        "",
        wrap(f"Verdict: {verdict['value']}. {verdict['reason']}"),
    ]
    if i["blocking_path"]:
        lines.append(f"Open path: {' '.join(i['blocking_path'])}")
    lines += ["", "What would help:"] if i["would_help"] else []
    lines += [wrap(f"- {h}", "  ", "    ") for h in i["would_help"]]
    return "\n".join([*lines, *_range(document)])


def _range(document: Mapping[str, Any]) -> list[str]:
    """What the open edges of a graph allow: a range, and the edges that decide."""
    r = document.get("range")
    if not r:
        return []
    low, high = number(r["low"], r["unit"]), number(r["high"], r["unit"])
    edges = f", depending on {', '.join(r['open'])}" if r["open"] else ""
    lines = ["", wrap(f"Range over the graphs that {r['graph']} allows: between {low} and {high}{edges}")]
    rows = [
        (
            ", ".join(e["points"]) or "as it stands",
            ", ".join(e["held"]) or "nothing",
            number(e["value"]),
            _ends(e),
        )
        for e in r["effects"]
    ]
    lines.append(textwrap.indent(table(("if", "held", "effect", "interval"), rows), "  "))
    if r["unknown"]:
        lines.append(wrap("In some of these graphs no set of columns identifies the effect.", "  "))
    return lines


def _ranged_beside(document: Mapping[str, Any]) -> list[str]:
    return [*_range(document)[1:], ""] if document.get("range") else []


def _by_group(document: Mapping[str, Any]) -> list[str]:
    """For whom the effect is larger or smaller: the joint test, then the groups."""
    h = document.get("heterogeneity")
    if not h:
        return []
    by = ", ".join(h["modifiers"][:6]) + (" …" if len(h["modifiers"]) > 6 else "")
    told = "differs" if h["found"] == "detected" else "is not found to differ"
    lines = [wrap(f"By group: the effect {told} by {by} (joint test, p = {h['p_value']:.2g})", "", "  ")]
    shown = h["groups"] or (h["split"] or {}).get("groups", [])
    rows = [(_group(s, h), f"{s['n']:,}", number(s["value"]), _ends(s), s["suppressed"]) for s in shown]
    if rows:
        heads = ("group", "rows", "effect", "interval", "")
        lines.append(textwrap.indent(table(heads, rows), "  "))
    if not h["groups"] and rows:
        lines.append(wrap("Chosen on one half of the rows, told by the other.", "  "))
    return [*lines, ""]


def _group(s: Mapping[str, Any], h: Mapping[str, Any]) -> str:
    return f"{s['modifier']}: {s['level']}" if h["groups"] else str(s["level"])


_BASIS = {
    "graph": "the given graph",
    "roles": "the declared roles",
    "controls": "the controls named by hand",
    "discovered": "a learned graph",
    "design": "the design",
    "none": "nobody: no graph, roles or controls were given",
}


def _basis(i: Mapping[str, Any]) -> list[str]:
    controls = i["controls"]["minimal"] + i["controls"]["optional"]
    lines = [
        wrap(
            f"{i['strategy']}, {i['status']} by {_BASIS.get(i['basis'], i['basis'])}. "
            f"Controls ({len(controls)}): {', '.join(controls) or 'none'}",
            "",
            "  ",
        )
    ]
    design = i.get("design") or {}
    lines += [
        wrap(f"{word} {design[key]}", "  ", "    ")
        for key, word in (("mediators", "through"), ("expression", "by"))
        if design.get(key)
    ]
    lines += [wrap(f"doubt on {d['name']}: {d['reason']}", "  ", "    ") for d in i.get("doubts", ())]
    lines += [wrap(f"assumes {a['name']}: {a['evidence']}", "  ", "    ") for a in i["assumptions"]]
    reasons: dict[str, list[str]] = {}
    for x in i["controls"]["forbidden"]:
        reasons.setdefault(x["reason"], []).append(x["name"])
    if reasons:
        lines.append(f"Left out ({sum(map(len, reasons.values()))}):")
        lines += [wrap(f"{', '.join(names)}: {reason}", "  ", "    ") for reason, names in reasons.items()]
    return [*lines, ""]


def _others(document: Mapping[str, Any]) -> list[str]:
    rows = []
    for k, e in enumerate(document["estimates"]):
        if k == document["primary"]:
            continue
        mark = "not an effect" if e["quantity"] == "association" else ""
        if not e.get("supported", True):
            mark = "not supported by overlap"
        rows.append((e["method"], e["quantity"], number(e["value"]), _ends(e), mark))
    if not rows:
        return []
    return [
        "Beside it:",
        textwrap.indent(table(("method", "quantity", "value", "interval", ""), rows), "  "),
        "",
    ]


def _ends(e: Mapping[str, Any]) -> str:
    return "" if e["low"] is None else f"{number(e['low'])} to {number(e['high'])}"


def _checks(document: Mapping[str, Any]) -> list[str]:
    checks = document["checks"]
    if not checks:
        return []
    counted = [c for c in checks if c["status"] in ("pass", "warn", "fail") and c["can_lower_verdict"]]
    passed = sum(c["status"] == "pass" for c in counted)
    lines = [f"Checks: {passed} of {len(counted)} passed"]
    lines += [
        wrap(f"{c['status']:<7} {c['name']}: {plain(c.get('detail', ''))}", "  ", "          ")
        for c in checks
    ]
    return [*lines, ""]


def _sensitivity(document: Mapping[str, Any]) -> list[str]:
    s = document["sensitivity"]
    if not s or s.get("robustness_value") is None:
        return []
    text = (
        f"A hidden confounder explaining {s['robustness_value']:.1%} of what is left of both treatment and outcome"
        " would bring the estimate to zero"
    )
    if s.get("benchmark"):
        text += (
            f"; the strongest control, {s['benchmark']}, explains {s['benchmark_treatment']:.1%} of the treatment"
            f" and {s['benchmark_outcome']:.1%} of the outcome"
        )
    return [wrap(text + ".")]


def discover_text(document: Mapping[str, Any], drawing: Sequence[str]) -> str:
    """The ``discover`` document for people."""
    g = document["graph"]
    if g is None:
        return "no graph was learned"
    lines = [
        f"{g['name']}: {g['kind']} by {document['method']}, {len(g['nodes'])} columns, {len(g['edges'])} edges",
        wrap(document["reason"], "  "),
        *_settings(document["settings"]),
        "",
        *drawing,
    ]
    if any(e.get("target_confidence") is not None for e in g["edges"]):
        told = "bars: share of the resamples that have the edge; marks: share that have its ends as drawn"
        lines += [wrap(told, "", "  ")]
    if document["agreement"] and document["settings"].get("runner_up", True):
        lines += ["", *_compared(document["agreement"])]
    lines += [
        wrap(f"- {n}", "", "  ") for n in (*_left_out(document.get("left_out", ())), *document["notes"])
    ]
    return "\n".join(lines)


SHOWN_LEFT_OUT = 12


def _left_out(gone: Sequence[Mapping[str, str]]) -> list[str]:
    """Columns that took no part, with why, those of one reason together."""
    why: dict[str, list[str]] = {}
    for one in gone[:SHOWN_LEFT_OUT]:
        why.setdefault(one["reason"], []).append(one["column"])
    told = [f"{', '.join(columns)} ({reason})" for reason, columns in why.items()]
    more = f" and {len(gone) - SHOWN_LEFT_OUT} more" if len(gone) > SHOWN_LEFT_OUT else ""
    return [f"left out of the search: {'; '.join(told)}{more}"] if told else []


OPPOSED = ({"-->", "<--"}, {"o->", "<--"}, {"-->", "<-o"}, {"o->", "<-o"})
"""Pairs of edges of which each has its arrowhead at the other end."""


def _compared(agreement: Sequence[Mapping[str, Any]]) -> list[str]:
    """What two searches found alike, and edge by edge what they did not."""
    both = [a for a in agreement if len(a["symbols"]) > 1]
    lines = [f"{len(both)} of {len(agreement)} adjacencies found by more than one method"]
    alone: dict[str, list[str]] = {}
    for a in agreement:
        if len(a["symbols"]) == 1:
            [(method, symbol)] = a["symbols"].items()
            alone.setdefault(method, []).append(f"{a['source']} {symbol} {a['target']}")
    lines += [wrap(f"only {m}: {', '.join(edges)}", "  ", "    ") for m, edges in alone.items()]
    turned = [
        " but ".join(f"{m} {a['source']} {s} {a['target']}" for m, s in a["symbols"].items())
        for a in both
        if set(a["symbols"].values()) in OPPOSED
    ]
    if turned:
        lines.append(wrap(f"turned around: {'; '.join(turned)}", "  ", "    "))
    return lines


_UNSAID = ("seed", "runner_up", "bootstrap")
"""Settings that stand elsewhere in the text, or in the question."""


def _settings(settings: Mapping[str, Any]) -> list[str]:
    """The test, level, score and the like that a search worked with."""
    shown = [f"{k} {v}" for k, v in settings.items() if v not in ("", None) and k not in _UNSAID]
    return [wrap(" · ".join(shown), "  ")] if shown else []


def ask_text(document: Mapping[str, Any]) -> str:
    """The ``ask`` document for people."""
    head, body = headline(document), [paragraph(p) for p in document["text"].split("\n\n")]
    return "\n\n".join([head, *body] if head else body)


def headline(document: Mapping[str, Any]) -> str:
    """The answer in one line: yes or no, the number with its interval, the verdict; empty where there is none."""
    head = []
    if isinstance(document["answer"], str):
        head.append(document["answer"])
    if document["value"] is not None:
        unit = document.get("unit") or ""
        told, ends = ranged(document["value"], document["low"], document["high"], unit)
        head.append(f"{told} ({ends})" if ends else told)
    if document["verdict"]:
        head.append(f"verdict: {document['verdict']}")
    return " · ".join(head)


def paragraph(text: str) -> str:
    """One paragraph of a narrative for a terminal: lists keep their lines, bold marks go."""
    plain = text.replace("**", "")
    if plain.startswith("- "):
        return "\n".join(wrap(line, "", "  ") for line in plain.split("\n"))
    return wrap(plain)


def profile_text(profile: Profile, sent: Mapping[str, Any] | None = None) -> str:
    """A profile for people, and what would leave the machine."""
    import json

    share = 1 - profile.complete_rows / profile.rows if profile.rows else 0.0
    lines = [
        wrap(
            f"{profile.name}: {counted(profile.rows, 'row')}, {counted(len(profile.columns), 'column')}, "
            f"{share:.1%} of rows with a missing value, {counted(profile.duplicate_rows, 'duplicate row')}",
            hang="  ",
        ),
        "",
        table(
            ("column", "type", "unit", "missing", "distinct", "mean or most frequent"),
            [(c.name, c.type, c.unit, str(c.missing), str(c.distinct), _centre(c)) for c in profile.columns],
        ),
    ]
    if profile.notices:
        lines += ["", *[wrap(f"note: {n.message}", "", "  ") for n in profile.notices]]
    if sent is None:
        return "\n".join(lines)
    lines += [
        "",
        "Sent to a model only if one is chosen by name (ccp -m …); nothing is sent otherwise:",
        json.dumps(sent, ensure_ascii=False, indent=1),
    ]
    return "\n".join(lines)


def _centre(c: Any) -> str:
    if c.mean is not None and c.type in ("continuous", "count", "ordinal", "binary"):
        return number(c.mean)
    return f"{c.levels[0][0]} ({c.levels[0][1]:,})" if c.levels else ""


def card_text(name: str, card: Knowledge) -> str:
    """A card for people; the accepted answer is for people only."""
    q = card.question
    lines = [f"dataset:{name}", wrap(card.title), ""]
    if q.treatment:
        lines.append(f"Question: effect of {q.treatment} on {q.outcome}")
    lines += [wrap(f"Source: {card.source}", "", "  "), wrap(f"Licence: {card.licence}", "", "  "), ""]
    if card.columns:
        rows = [(c.name, c.role or "", c.type or "", c.unit, c.meaning) for c in card.columns]
        lines.append(table(("column", "role", "type", "unit", "meaning"), rows))
    if card.graph:
        lines += ["", "Graph:", wrap(card.graph, "  ")]
    if card.accepted.text:
        lines += ["", wrap(f"Accepted answer: {card.accepted.text} ({card.accepted.source})")]
    return "\n".join(lines)


def tool_text(tool: Tool) -> str:
    """A tool's card for people."""
    lines = [f"{tool.name} ({tool.group})", wrap(tool.description), "", "Arguments:"]
    lines += [wrap(f"{p.name}: {p.description}", "  ", "    ") for p in tool.parameters] or ["  none"]
    for title, text in (("Data", tool.card.data), ("Cost", tool.card.cost), ("Source", tool.card.source)):
        lines += [wrap(f"{title}: {text}", "", "  ")] if text else []
    lines += [wrap(f"Assumes: {a}", "", "  ") for a in tool.card.assumes]
    return "\n".join(lines)


def run_text(run: RunRecord, full: bool = False) -> str:
    """A stored run for people."""
    q = run.question
    asked = q.text or (f"effect of {q.treatment} on {q.outcome}" if q.treatment else q.kind)
    lines = [
        f"{run.id}: ccp {run.command} {run.dataset}",
        f"  {asked} · {run.model} · seed {run.seed} · {run.status}"
        + (f" · {run.verdict}" if run.verdict else ""),
        f"  {run.rows:,} rows, {run.columns} columns · {run.hash[:23]}…",
        "",
    ]
    for c in run.calls:
        args = ", ".join(f"{k}={v}" for k, v in c.args.items())
        said = (c.result or {}).get("summary", "") if c.ok else (c.error or {}).get("message", "")
        lines.append(wrap(f"{c.id} {c.tool}({args})", "  ", "       "))
        lines.append(wrap(f"{'' if c.ok else 'failed: '}{said} ({c.seconds:.1f} s)", "     ", "     "))
        if full:
            lines.append(wrap(c.content, "     ", "     "))
    return "\n".join(lines)


def verdict_text(document: Mapping[str, Any]) -> str:
    """Verdict, reason and next step."""
    verdict = document["verdict"]
    lines = [wrap(f"Verdict: {verdict['value']}. {verdict['reason']}")]
    return "\n".join([*lines, wrap(f"Next: {verdict['next']}")] if verdict.get("next") else lines)


def replay_text(run: RunRecord, done: Sequence[Replayed], same_data: bool) -> str:
    """What came out differently when a run was repeated."""
    lines = [f"{run.id}: {len(done)} calls run again on {'the same' if same_data else 'other'} data"]
    for d in done:
        lines.append(f"  {d.call} {d.tool}: {'same' if d.same else f'{len(d.differences)} facts differ'}")
        if d.error:
            lines.append(wrap(d.error, "    ", "    "))
        lines += [f"    {x.key}: {_values(x.before)} -> {_values(x.after)}" for x in d.differences[:12]]
        if len(d.differences) > 12:
            lines.append(f"    and {len(d.differences) - 12} more")
    return "\n".join(lines)


def _values(values: tuple[Any, Any, Any] | None) -> str:
    if values is None:
        return "none"
    value, low, high = (v if isinstance(v, str | bool) or v is None else f"{v:.6g}" for v in values)
    return str(value) if low is None else f"{value} ({low} to {high})"
