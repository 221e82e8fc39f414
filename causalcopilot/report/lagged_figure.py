"""A lagged graph as a drawing: one column for each time step, one row for each variable."""

from __future__ import annotations

from causalcopilot.graph.graph import Graph
from causalcopilot.report import svg
from causalcopilot.report.graph_marks import Box, describe, draw_edge, draw_node, legend, node_roles
from causalcopilot.report.svg import WIDTH, label


def lagged_figure(
    graph: Graph, *, treatment: str = "", outcome: str = "", title: str = "Causal graph"
) -> str:
    """Edges run from the step in which the cause stands to the present; edges within a step are bent aside."""
    steps = sorted({0, *(e.lag for e in graph.edges)}, reverse=True)
    w = min(160.0, max(svg.width_of(n) for n in graph.nodes) + 28)
    gap = min(190.0, max(70.0, (WIDTH - 40 - w * len(steps)) / max(1, len(steps) - 1)))
    row, top = 54.0, 44.0
    x = {lag: 14 + w / 2 + i * (w + gap) for i, lag in enumerate(steps)}
    y = {n: top + row * (i + 0.5) for i, n in enumerate(graph.nodes)}
    width = max(x.values()) + w / 2 + (64 if any(not e.lag for e in graph.edges) else 14)
    body = [
        label(x[lag], 22, "now" if not lag else f"{lag} step{'s' if lag > 1 else ''} before", "s m")
        for lag in steps
    ]
    for i, e in enumerate(graph.edges):
        start, end = (x[e.lag], y[e.source]), (x[0], y[e.target])
        if e.lag:
            points = [
                (start[0] + w / 2 + 2, start[1]),
                (end[0] - w / 2 - 2, end[1] + _nudge(start[1], end[1])),
            ]
        else:
            down = 1 if end[1] > start[1] else -1
            bend = (x[0] + w / 2 + 16 + 8 * (i % 3) + 0.1 * abs(start[1] - end[1]), (start[1] + end[1]) / 2)
            points = [
                (start[0] + w / 2 + 1, start[1] + 5 * down),
                bend,
                (end[0] + w / 2 + 1, end[1] - 5 * down),
            ]
        body.append(draw_edge(e, points, axis=1))
    roles = node_roles(graph, treatment, outcome)
    used = {(e.source, e.lag) for e in graph.edges} | {(n, 0) for n in graph.nodes}
    for n, lag in sorted(used, key=lambda k: (-k[1], graph.nodes.index(k[0]))):
        body.append(draw_node(n, Box(x[lag], y[n], w, 30), roles.get(n, "")))
    height = top + row * len(graph.nodes) + 4
    height += legend(graph, roles, False, width, height, body)
    return svg.document(width, height, title, body, describe(graph))


def _nudge(source: float, target: float) -> float:
    """Heads from above end a little higher than heads from below."""
    return 0.0 if source == target else (-7.0 if source < target else 7.0)
