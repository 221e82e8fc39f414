"""The ``discover`` document for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causalcopilot.cli.text.layout import wrap
from causalcopilot.cli.text.numbers import counted

SHOWN_LEFT_OUT = 12
"""Columns left out that are named; of more, only how many."""
OPPOSED = ({"-->", "<--"}, {"o->", "<--"}, {"-->", "<-o"}, {"o->", "<-o"})
"""Pairs of edges of which each has its arrowhead at the other end."""
_UNSAID = ("seed", "runner_up", "bootstrap")
"""Settings that stand elsewhere in the text, or in the question."""


def discover_text(document: Mapping[str, Any], drawing: Sequence[str]) -> str:
    """The ``discover`` document for people."""
    g = document["graph"]
    if g is None:
        return "no graph was learned"
    lines = [
        f"{g['name']}: {g['kind']} by {document['method']}, "
        f"{counted(len(g['nodes']), 'column')}, {counted(len(g['edges']), 'edge')}",
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


def _settings(settings: Mapping[str, Any]) -> list[str]:
    """The test, level, score and the like that a search worked with."""
    shown = [f"{k} {v}" for k, v in settings.items() if v not in ("", None) and k not in _UNSAID]
    return [wrap(" · ".join(shown), "  ")] if shown else []


def _compared(agreement: Sequence[Mapping[str, Any]]) -> list[str]:
    """What two searches found alike, and edge by edge what they did not."""
    both = [a for a in agreement if len(a["symbols"]) > 1]
    lines = [f"{len(both)} of {len(agreement)} adjacencies found by more than one method"]
    alone: dict[str, list[str]] = {}
    for a in agreement:
        if len(a["symbols"]) == 1:
            [(method, symbol)] = a["symbols"].items()
            alone.setdefault(method, []).append(f"{_earlier(a)} {symbol} {a['target']}")
    lines += [wrap(f"only {m}: {', '.join(edges)}", "  ", "    ") for m, edges in alone.items()]
    turned = [
        " but ".join(f"{m} {_earlier(a)} {s} {a['target']}" for m, s in a["symbols"].items())
        for a in both
        if set(a["symbols"].values()) in OPPOSED
    ]
    if turned:
        lines.append(wrap(f"turned around: {'; '.join(turned)}", "  ", "    "))
    return lines


def _earlier(pair: Mapping[str, Any]) -> str:
    """The source of a pair, with the steps by which it comes before, as the drawing has it."""
    return f"{pair['source']}[t-{pair['lag']}]" if pair.get("lag") else str(pair["source"])


def _left_out(gone: Sequence[Mapping[str, str]]) -> list[str]:
    """Columns that took no part, with why, those of one reason together."""
    why: dict[str, list[str]] = {}
    for one in gone[:SHOWN_LEFT_OUT]:
        why.setdefault(one["reason"], []).append(one["column"])
    told = [f"{', '.join(columns)} ({reason})" for reason, columns in why.items()]
    more = f" and {len(gone) - SHOWN_LEFT_OUT} more" if len(gone) > SHOWN_LEFT_OUT else ""
    return [f"left out of the search: {'; '.join(told)}{more}"] if told else []
