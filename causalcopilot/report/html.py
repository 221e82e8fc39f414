"""A report as one HTML file: no scripts, nothing remote, figures inline, readable on paper and in the dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from causalcopilot.domain.facts import Scalar
from causalcopilot.report.escape import html_text
from causalcopilot.report.prose import Block, Run
from causalcopilot.report.styles import stylesheet
from causalcopilot.report.view import AnswerBox, Evidence, Grid, Section, View

META_START, META_END = "<!-- meta -->", "<!-- /meta -->"
EVIDENCE_NOTE = "Every number and verdict above, with the call that made it."
_SHORT = 22
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def render_html(view: View) -> str:
    """The whole report; the same bytes for the same view."""
    body = "".join(_body(view))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{html_text(view.title)}</title><style>{stylesheet('page')}{stylesheet('figure')}</style></head>\n"
        f"<body><main>\n{body}</main></body></html>\n"
    )


def _body(view: View) -> Iterator[str]:
    cited = {e.id for e in view.evidence}
    yield f"<header><h1>{html_text(view.title)}</h1>\n"
    if view.question:
        yield f'<p class="asked">{html_text(view.question)}</p>\n'
    yield f'<p class="lead">{html_text(view.lead)}</p></header>\n'
    if view.answer is not None:
        yield _answer(view.answer, cited)
    links = [(s.id, s.title) for s in view.sections] + ([("evidence", "Evidence")] if view.evidence else [])
    yield (
        '<nav aria-label="Contents">'
        + "".join(f'<a href="#{i}">{html_text(t)}</a> ' for i, t in links)
        + "</nav>\n"
    )
    for section in view.sections:
        yield from _section(section, cited)
    if view.evidence:
        yield _evidence(view.evidence)
    yield f"<footer>{META_START}{_meta(view)}{META_END}</footer>\n"


def _answer(box: AnswerBox, cited: set[str]) -> str:
    out = [f'<section class="answer" style="--tone:var(--{box.tone})" aria-label="Answer">']
    out.append(f'<p class="badge">{html_text(box.verdict)}</p>')
    if box.headline:
        spread = f' <span class="range">({_inline(box.interval, cited)})</span>' if box.interval else ""
        out.append(f'<p class="number">{_inline(box.headline, cited)}{spread}</p>')
    if box.scope:
        out.append(f'<p class="scope">{html_text(box.scope)}</p>')
    if box.why:
        out.append(f'<p class="why">{html_text(box.why)}</p>')
    if box.next:
        out.append(f'<p class="next">Next: {html_text(box.next)}</p>')
    return "".join(out) + "</section>\n"


def _section(s: Section, cited: set[str]) -> Iterator[str]:
    yield f'<section id="{html_text(s.id)}"><h2>{html_text(s.title)}</h2>\n'
    yield _prose(s.prose, cited)
    yield "".join(f'<p class="note">{html_text(n)}</p>\n' for n in s.notes)
    for f in s.figures:
        shown = _without_style(f.svg)
        yield f"<figure>{shown}<figcaption>{html_text(f.caption)}</figcaption></figure>\n"
    tables = "".join(_grid(g) for g in s.grids)
    yield f"<details><summary>Show the tables</summary>{tables}</details>" if s.quiet and tables else tables
    yield "</section>\n"


def _without_style(svg: str) -> str:
    """The page holds the figures' style sheet once."""
    return svg.replace(f"<style>{stylesheet('figure')}</style>", "", 1)


def _prose(blocks: Sequence[Block], cited: set[str]) -> str:
    out: list[str] = []
    inside = False
    for b in blocks:
        if (b.kind == "item") != inside:
            inside = b.kind == "item"
            out.append("<ul>\n" if inside else "</ul>\n")
        tag = "li" if inside else "p"
        out.append(f"<{tag}>{_inline((b,), cited)}</{tag}>\n")
    return "".join(out) + ("</ul>\n" if inside else "")


def _inline(blocks: Sequence[Block], cited: set[str]) -> str:
    return " ".join("".join(_run(r, cited) for r in b.runs) for b in blocks)


def _run(run: Run, cited: set[str]) -> str:
    p = run.part
    text = html_text(p.text)
    if p.kind == "text":
        lead, tail = p.text[: len(p.text) - len(p.text.lstrip(" "))], p.text[len(p.text.rstrip(" ")) :]
        text = f"{lead and ' '}{html_text(p.text.strip(' '))}{tail and ' '}" if p.text.strip() else " "
    elif p.kind == "name":
        text = f"<code>{text}</code>"
    elif f"{p.call}.{p.key}" in cited:
        text = f'<a class="fact" href="#{p.call}.{p.key}">{text}</a>'
    return f"<strong>{text}</strong>" if run.bold and text.strip() else text


def _grid(g: Grid) -> str:
    heads = "".join(f'<th scope="col"{_class(g, i)}>{html_text(h)}</th>' for i, h in enumerate(g.heads))
    rows = []
    for n, row in enumerate(g.rows):
        weight = ' class="strong"' if n in g.strong else ' class="faint"' if n in g.faint else ""
        cells = "".join(f"<td{_class(g, i, c)}>{_cell(g, i, c)}</td>" for i, c in enumerate(row))
        rows.append(f"<tr{weight}>{cells}</tr>\n")
    caption = f"<caption>{html_text(g.caption)}</caption>" if g.caption else ""
    head = f"<thead><tr>{heads}</tr></thead>\n"
    return f'<div class="scroll"><table>{caption}{head}<tbody>{"".join(rows)}</tbody></table></div>\n'


def _class(g: Grid, i: int, text: str = "") -> str:
    if i in g.numeric:
        return ' class="num"'
    if i in g.names and len(text) > 2 * _SHORT:
        return ' class="list"'
    return ' class="short"' if 0 < len(text) <= _SHORT else ""


def _cell(g: Grid, i: int, text: str) -> str:
    return f"<code>{html_text(text)}</code>" if i in g.names and text else html_text(text)


def full(value: Scalar) -> str:
    """A stored value with all its digits."""
    if value is None:
        return "none"
    return repr(value) if isinstance(value, float) else str(value)


def stored(e: Evidence) -> str:
    """A fact's stored value, with its interval."""
    spread = f" ({full(e.low)} to {full(e.high)})" if e.low is not None and e.high is not None else ""
    return full(e.value) + spread


def _evidence(rows: Sequence[Evidence]) -> str:
    heads = ("fact", "shown as", "stored value", "unit", "what it is", "call")
    top = "".join(f'<th scope="col">{h}</th>' for h in heads)
    out = [
        f'<section id="evidence"><h2>Evidence</h2>\n<p class="note">{EVIDENCE_NOTE}</p>\n',
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead>\n<tbody>',
    ]
    for e in rows:
        call = f"<code>{html_text(e.tool)}</code> <code>{html_text(e.arguments)}</code>"
        cells = (
            f"<code>{html_text(e.id)}</code>",
            html_text(" · ".join(e.shown)),
            html_text(stored(e)),
            html_text(e.unit),
            html_text(e.label),
            call,
        )
        out.append(
            f'<tr id="{html_text(e.id)}">' + "".join(f'<td class="long">{c}</td>' for c in cells) + "</tr>\n"
        )
    return "".join(out) + "</tbody></table></div></section>\n"


def _meta(view: View) -> str:
    return " · ".join(f"{html_text(k)} {html_text(v)}" for k, v in view.meta)
