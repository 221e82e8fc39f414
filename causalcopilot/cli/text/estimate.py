"""The ``estimate`` document for people."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from causalcopilot.cli.text.layout import table, wrap
from causalcopilot.cli.text.numbers import ends, interval, number, ranged
from causalcopilot.domain.facts import plain


def estimate_text(document: Mapping[str, Any]) -> str:
    """The ``estimate`` document for people: the answer, then what it rests on, then what was tried against it."""
    i = document["identification"]
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
        verdict_text(document),
        "",
        *_basis(i),
        *_notes(document),
        *_ranged_beside(document),
        *_by_group(document),
        *_others(document),
        *_checks(document),
        *_sensitivity(document),
    ]
    return "\n".join(lines)


def verdict_text(document: Mapping[str, Any]) -> str:
    """Verdict, reason and next step."""
    verdict = document["verdict"]
    lines = [wrap(f"Verdict: {verdict['value']}. {verdict['reason']}")]
    return "\n".join([*lines, wrap(f"Next: {verdict['next']}")] if verdict.get("next") else lines)


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
            ends(e),
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
    rows = [(_group(s, h), f"{s['n']:,}", number(s["value"]), ends(s), s["suppressed"]) for s in shown]
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
        rows.append((e["method"], e["quantity"], number(e["value"]), ends(e), mark))
    if not rows:
        return []
    return [
        "Beside it:",
        textwrap.indent(table(("method", "quantity", "value", "interval", ""), rows), "  "),
        "",
    ]


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
        if c["status"] != "skipped"
    ]
    why: dict[str, list[str]] = {}
    for c in checks:
        if c["status"] == "skipped":
            why.setdefault(plain(c.get("detail", "")), []).append(c["name"])
    lines += [
        wrap(f"skipped {', '.join(names)}: {reason}", "  ", "          ") for reason, names in why.items()
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
