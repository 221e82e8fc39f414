"""How a person wants the graph behind an answer to be learned, so that the answer can be checked elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcopilot.errors import UsageError

if TYPE_CHECKING:
    from causalcopilot.agent.case import Case
    from causalcopilot.agent.expert.state import Done
    from causalcopilot.domain.question import Question

INDEPENDENCE_TESTS: Mapping[str, str] = {
    "fisher_z": "fisher_z",
    "mv_fisher_z": "fisher_z",
    "likelihood_ratio": "regression",
    "chi_square": "chi_square",
    "g_square": "g_square",
    "rcot": "rcot",
    "kci": "kci",
}
"""A search's test as the independence tool calls it (which leaves incomplete rows out, as test-wise deletion does)."""


@dataclass(frozen=True)
class Pins:
    """What the rule table would choose, chosen by a person; empty values leave it to the table.

    Attributes:
        method: search.
        test: independence test.
        alpha: its level.
        domain: column that tells where or when a row was recorded.
        lags: longest lag of a search over time.
        treat: what such a search does about means that move.
    """

    method: str = ""
    test: str = ""
    alpha: float | None = None
    domain: str = ""
    lags: int | None = None
    treat: str = ""

    def __bool__(self) -> bool:
        return bool(self.block())

    def block(self) -> dict[str, Any]:
        """What was pinned, as the briefing and the memory hold it and the discover tool takes it."""
        pairs = {
            "method": self.method,
            "test": self.test,
            "alpha": self.alpha,
            "domain": self.domain,
            "lags": self.lags,
            "treat": self.treat,
        }
        return {k: v for k, v in pairs.items() if v not in ("", None)}

    def flags(self) -> str:
        """What was pinned, as it was typed."""
        return " ".join(f"--{k} {v}" for k, v in self.block().items())


def pins_of(block: Mapping[str, Any] | None) -> Pins:
    """The pins of a stored block."""
    return Pins(**dict(block or {}))


def check_used(pins: Pins, question: Question, case: Case) -> None:
    """Refuse pins that would change nothing, because no graph is learned for this question.

    Raises:
        UsageError: why no graph is learned, and what to leave out.
    """
    if not pins:
        return
    named = pins.method or pins.test or pins.domain
    if pins.alpha is not None and not named and question.kind not in ("independence", "graph", "explore"):
        raise UsageError(
            "a level alone does not say which search is to use it",
            "name the search too, for example: --method pc",
        )
    if question.graph or case.graph is not None:
        given = question.graph or (case.graph.id if case.graph else "")
        raise UsageError(
            f"the graph {given} is given, so none is learned and {pins.flags()} would change nothing",
            "leave the graph out (--no-knowledge for one in the knowledge file), or the pins",
        )
    if question.kind == "independence" and (pins.method or pins.domain):
        raise UsageError(
            "a question about independence is answered by a test, not from a learned graph",
            "pin the test and its level only: --test, --alpha",
        )
    if question.kind == "effect" and (case.knowledge.has_roles or question.controls is not None):
        raise UsageError(
            f"the controls are declared, so no graph is learned and {pins.flags()} would change nothing",
            "use --no-knowledge to let the learned graph decide, or leave the pins out",
        )


def independence_pins(pins: Mapping[str, Any]) -> dict[str, Any]:
    """The pins as arguments of the independence tool."""
    return {"alpha": pins.get("alpha"), "test": INDEPENDENCE_TESTS.get(str(pins.get("test", "")))}


def learned_with(found: Done) -> str:
    """References that name the search, its test and its level, as far as it had them."""
    told = [f"{key} {found.ref(key)}" for key in ("test", "score") if found.value(key)]
    if found.value("alpha") is not None:
        told.append(f"level {found.ref('alpha')}")
    return found.ref("method") + (f" ({', '.join(told)})" if told else "")
