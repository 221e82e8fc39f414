"""What the expert knows at the end of a question of each kind, written by hand: calls, facts and names."""

from __future__ import annotations

from typing import Any

from causalcopilot.agent.expert.brief import Brief
from causalcopilot.agent.expert.situation import STRUCTURE
from causalcopilot.agent.expert.state import Done, State, read_state
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.question import Contrast, Question, QuestionKind
from tests.agent.histories import TOOLS, history

VALUES: dict[str, dict[str, Any]] = {
    "t1": {
        "status": "identified", "strategy": "Conditional Exogeneity", "controls": 2, "control.1": "age",
        "control.2": "sex", "excluded": 5, "verdict": "not_identified", "blocking_path": "a <-- u --> b",
        "would_help.1": "measure `u`", "would_help.2": "randomise a", "basis": "roles",
    },
    "t2": {
        "effect": 3.4, "direction": "increases", "quantity": "ATE", "population": "all rows", "n_used": 1566,
        "contrast.control": 0, "contrast.treated": 1, "difference_in_means": 2.5,
        "estimate.1": 3.4, "estimate.1.method": "aipw", "estimate.1.quantity": "ATE",
        "estimate.2": 3.3, "estimate.2.method": "regression", "estimate.2.quantity": "ATE",
        "estimate.3": 2.3, "estimate.3.method": "ipw", "estimate.3.quantity": "ATT", "estimate.3.supported": False,
    },
    "t3": {
        "verdict": "supported", "checks": 10, "passed": 7, "warned": 1, "failed": 0, "check.1": "overlap",
        "check.1.status": "warn", "robustness_value": 0.12, "benchmark": "age", "benchmark.strength": 0.03,
        "e_value": 1.9,
    },
    "t4": {
        "method": "pc", "edges": 9, "graph": "x@1", "nodes": 10, "directed": 3, "undirected": 6,
        "runner_up": "boss", "agreement": 0.8, "edge.1": "a --> b",
    },
    "t5": {
        "answer": "yes", "name.1": "age", "graph": "x@1", "path": "a <-- c --> b", "test": "fisher_z",
        "statistic": 2.3, "p_value": 0.01, "n": 100, "alpha": 0.05,
    },
    "t6": {"graph": "x@1", "rank.1": "a", "rank.1.strength": 0.3, "rank.1.path": "a --> b", "count": 1},
    "t7": {"effect.1": "a → b given c"},
    "t9": {
        "answer": "yes", "graph": "x@1", "implied": 4, "tested": 4, "n": 100, "contradicted": 1, "alpha": 0.05,
        "contradiction.1": "a and b given c", "contradiction.1.strength": 0.3, "contradiction.1.p_value": 0.01,
        "needless.1": "a --> c", "needless.1.p_value": 0.4, "relabelings": 5, "share": 0.2, "violations": 1,
        "usual": 2.5,
    },
    "t10": {
        "domain": "c", "domains": 3, "tested": 2, "n": 100, "changed": 1, "open": 0, "same": 1, "graph": "x@1",
        "changed.1": "a", "changed.1.p_value": 0.01, "changed.1.causes": "b", "changed.1.how": "spread",
        "same.1": "b", "same.1.p_value": 0.6, "same.1.causes": "nothing",
    },
    "t8": {
        "direction": "a --> b", "cause": "a", "effect": "b", "model": "additive", "why": "it fits", "n": 100,
        "assumption.1": "no hidden column",
        "model.1": "additive", "model.1.forward": 0.4, "model.1.backward": 0.001,
    },
}  # fmt: skip
_TOOL = dict(
    zip(
        VALUES,
        (
            "identify",
            "estimate",
            "refute",
            "discover",
            "structure",
            "drivers",
            "survey",
            "falsify",
            "changes",
            "direction",
        ),
        strict=True,
    )
)


def fact(key: str, value: Any) -> Fact:
    number = isinstance(value, float)
    return Fact(
        key, value, unit="kg" if key == "effect" else "", format=".2f" if number else "",
        low=1.0 if number else None, high=5.0 if number else None,
    )  # fmt: skip


FACTS = {call: {k: fact(k, v) for k, v in values.items()} for call, values in VALUES.items()}
FACTS["t2"]["event"] = fact("event", "dead")
FACTS["t1"]["forced.1"] = fact("forced.1", "age")
FACTS["t2"]["why"] = fact("why", "too few rows")
FACTS["t1"]["why"] = fact("why", "seven of nine broke")
NAMES = {"a", "b", "c", "age", *TOOLS}


def made(call: str, tool: str = "", **changes: Any) -> Done:
    return Done(call, tool or _TOOL[call], {}, True, {**VALUES[call], **changes})


def stood(kind: QuestionKind, *done: Done, **question: Any) -> State:
    asked = Question(kind, treatment="a", outcome="b", **question)
    brief = Brief(asked, read_state(history({"kind": "unclear"}, columns=("a", "b"))).brief.knowledge,
                  read_state(history({"kind": "unclear"}, columns=("a", "b"))).brief.profile, TOOLS)  # fmt: skip
    return State(brief, asked, done)


BROKEN = Done("t1", "identify", {}, False, kind="tool_failed", error="7 of 9 broke")
STATES = {
    "effect": stood("effect", *(made(f"t{i}") for i in range(1, 6)), contrast=Contrast(0, 1)),
    "no adjustment in the learned graph": stood(
        "effect", *(made(f"t{i}") for i in range(1, 5)), made("t5", answer="uncertain")
    ),
    "refused": stood("effect", made("t1", status="not_identified"), made("t4")),
    "assumed, untested": stood("effect", made("t1", status="assumed", basis="none", controls=0), made("t2")),
    "assumed against the graph": stood(
        "effect", made("t1", status="assumed", basis="graph", blocking_path="t <-- u --> y"), made("t2")
    ),
    "forced": stood(
        "effect",
        made("t1", status="assumed", blocking_path="", **{"forced.1": "age"}),
        made("t2"),
        made("t3"),
    ),
    "two levels": stood("effect", made("t1"), made("t2", event="dead"), made("t3")),
    "estimate failed": stood("effect", made("t1"), Done("t2", "estimate", {}, False)),
    "nothing worked": stood("effect", BROKEN),
    "nothing done": stood("effect"),
    "independence": stood("independence", made("t5", "independence"), given=("c",)),
    **{k: stood(k, made("t5"), made("t4")) for k in STRUCTURE},  # type: ignore[arg-type]
    "domains": stood("domains", made("t10")),
    "falsify": stood("falsify", made("t9")),
    "falsify, learned": stood("falsify", made("t4"), made("t9")),
    "effect, graph held against the data": stood("effect", made("t9"), *(made(f"t{i}") for i in range(1, 4))),
    "direction": stood("direction", made("t8")),
    "direction beside a graph": stood("direction", made("t8"), made("t5")),
    "no direction": stood(
        "direction",
        Done(
            "t8",
            "direction",
            {},
            True,
            {k: VALUES["t8"][k] for k in ("direction", "why", "n", "assumption.1")},
        ),
    ),
    "drivers": stood("drivers", made("t6")),
    "no drivers": stood("drivers", Done("t6", "drivers", {}, True, {"graph": "x@1"})),
    "graph": stood("graph", made("t4")),
    "survey": stood("explore", made("t4"), made("t7")),
    "empty survey": stood("explore", made("t4")),
    "unclear": stood("unclear"),
}
