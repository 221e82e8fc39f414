"""A report as Markdown: readable in a terminal and on GitHub, figures as SVG files beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from causalcopilot.report.escape import clean, markdown_code, markdown_text
from causalcopilot.report.html import EVIDENCE_NOTE, META_END, META_START, stored
from causalcopilot.report.prose import Block, Run
from causalcopilot.report.view import AnswerBox, Evidence, Grid, Section, View

_WIDEST = 44


def render_markdown(view: View) -> str:
    """The whole report; figures are linked as ``NAME.svg`` in the same folder."""
    parts = [f"# {markdown_text(view.title)}"]
    if view.question:
        parts.append(f"**{markdown_text(view.question)}**")
    parts.append(markdown_text(view.lead))
    if view.answer is not None:
        parts.append(_answer(view.answer))
    for section in view.sections:
        parts += _section(section)
    if view.evidence:
        parts += [
            "## Evidence",
            EVIDENCE_NOTE,
            _evidence(view.evidence),
        ]
    meta = "  \n".join(f"{markdown_text(k)}: {markdown_text(v)}" for k, v in view.meta)
    parts += ["---", f"{META_START}\n\n{meta}\n\n{META_END}"]
    return "\n\n".join(p for p in parts if p) + "\n"


def _answer(box: AnswerBox) -> str:
    lines = [f"**{markdown_text(box.verdict)}**"]
    if box.headline:
        spread = f" ({_inline(box.interval)})" if box.interval else ""
        lines.append(f"**{_inline(box.headline)}**{spread}")
    lines += [markdown_text(t) for t in (box.scope, box.why) if t]
    if box.next:
        lines.append(f"Next: {markdown_text(box.next)}")
    return "\n>\n".join(f"> {line}" for line in lines)


def _section(s: Section) -> Iterator[str]:
    yield f"## {markdown_text(s.title)}"
    yield _prose(s.prose)
    for n in s.notes:
        yield markdown_text(n)
    for f in s.figures:
        yield f"![{markdown_text(f.title)}]({f.name}.svg)"
        yield f"*{markdown_text(f.caption)}*" if f.caption else ""
    for g in s.grids:
        yield _grid(g)


def _prose(blocks: Sequence[Block]) -> str:
    out = ""
    before = ""
    for b in blocks:
        gap = "" if not out else "\n" if b.kind == before == "item" else "\n\n"
        out += gap + ("* " if b.kind == "item" else "") + _inline((b,))
        before = b.kind
    return out


def _inline(blocks: Sequence[Block]) -> str:
    return " ".join("".join(_run(r, first=i == 0) for i, r in enumerate(b.runs)) for b in blocks)


def _run(run: Run, first: bool) -> str:
    p = run.part
    text = p.text
    lead = " " * (len(text) - len(text.lstrip(" ")))
    tail = " " * (len(text) - len(text.rstrip(" ")))
    inner = text.strip(" ")
    if not inner:
        return lead
    if p.kind == "name":
        shown = markdown_code(inner)
    else:
        shown = markdown_text(inner) if first else markdown_text("x" + inner)[1:]
    return f"{lead}**{shown}**{tail}" if run.bold else f"{lead}{shown}{tail}"


def _grid(g: Grid) -> str:
    heads = [markdown_text(h) for h in g.heads]
    rows = [[_cell(g, i, c, n in g.strong) for i, c in enumerate(row)] for n, row in enumerate(g.rows)]
    widths = [min(_WIDEST, max(len(r[i]) for r in (heads, *rows))) for i in range(len(heads))]
    rule = ["-" * (max(3, w) - 1) + ":" if i in g.numeric else "-" * max(3, w) for i, w in enumerate(widths)]
    lines = [_line(heads, widths, g), _line(rule, widths, g), *(_line(r, widths, g) for r in rows)]
    caption = f"{markdown_text(g.caption)}:\n\n" if g.caption else ""
    return caption + "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int], g: Grid) -> str:
    """Cells padded to their column, so that the table also reads well as plain text."""
    last = len(cells) - 1
    padded = [
        c.rjust(w) if i in g.numeric else c if i == last and len(c) > w else c.ljust(w)
        for i, (c, w) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(padded)} |"


def _cell(g: Grid, i: int, text: str, strong: bool) -> str:
    if not clean(text).strip():
        return ""
    shown = markdown_code(text) if i in g.names else markdown_text(text)
    return f"**{shown}**" if strong and i == 0 else shown


def _evidence(rows: Sequence[Evidence]) -> str:
    grid = Grid(
        "",
        ("fact", "shown as", "stored value", "unit", "what it is", "tool", "arguments"),
        tuple(
            (
                e.id,
                " · ".join(e.shown),
                stored(e),
                e.unit,
                e.label,
                e.tool,
                e.arguments,
            )
            for e in rows
        ),
        names=(0, 5, 6),
    )
    return _grid(grid)
