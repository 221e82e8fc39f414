"""What ``ccp discover`` prints about two searches that disagree."""

from __future__ import annotations

from causalcopilot.cli.text import discover_text


def test_disagreement_is_told_edge_by_edge() -> None:
    edge = {"source": "a", "target": "b", "source_mark": "tail", "target_mark": "arrow", "lag": 0}
    agreement = [
        {"source": "a", "target": "b", "lag": 0, "symbols": {"boss": "-->", "pc": "<--"}},
        {"source": "b", "target": "c", "lag": 0, "symbols": {"boss": "-->", "pc": "---"}},
        {"source": "a", "target": "d", "lag": 0, "symbols": {"boss": "---"}},
        {"source": "c", "target": "d", "lag": 0, "symbols": {"pc": "-->"}},
    ]
    document = {
        "graph": {"name": "g@1", "kind": "cpdag", "nodes": list("abcd"), "edges": [edge]},
        "method": "boss",
        "reason": "",
        "settings": {"runner_up": "pc"},
        "agreement": agreement,
        "notes": [],
    }
    lines = discover_text(document, []).split("\n")
    assert lines[-4:] == [
        "2 of 4 adjacencies found by more than one method",
        "  only boss: a --- d",
        "  only pc: c --> d",
        "  turned around: boss a --> b but pc a <-- b",
    ]
