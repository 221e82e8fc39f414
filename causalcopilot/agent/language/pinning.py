"""From words to pins: how people spell the tests, and which search or estimator a method names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.agent.pins import Pins, check_used
from causalcopilot.errors import UsageError, nearest

if TYPE_CHECKING:
    from causalcopilot.agent.case import Case
    from causalcopilot.domain.question import Question

SPELLINGS = {
    "fisherz": "fisher_z",
    "mv_fisherz": "mv_fisher_z",
    "mvfisherz": "mv_fisher_z",
    "chisq": "chi_square",
    "chi2": "chi_square",
    "chisquare": "chi_square",
    "gsq": "g_square",
    "g2": "g_square",
    "gsquare": "g_square",
    "rcit": "rcot",
    "lr": "likelihood_ratio",
}
"""Other names of the tests, causal-learn's among them."""
ALPHAS = (1e-6, 0.5)
LAGS = (1, 24)


def read_pins(
    method: str = "", test: str | None = None, alpha: float | None = None, domain: str | None = None
) -> Pins:
    """The pins as people give them.

    Raises:
        UsageError: no such test, or a level out of its bounds.
    """
    if alpha is not None and not ALPHAS[0] <= alpha <= ALPHAS[1]:
        raise UsageError(f"{alpha:g} is not a level of a test", "give a number between 0.000001 and 0.5")
    return Pins(method, _test(test), alpha, domain or "")


def over_time(pins: Pins, lags: int | None, treat: str | None) -> Pins:
    """The pins with what is pinned of a search over time.

    Raises:
        UsageError: a value that the search does not take.
    """
    least, most = LAGS
    if lags is not None and not least <= lags <= most:
        raise UsageError(f"{lags} is no longest lag", f"give a whole number from {least} to {most}")
    if treat is not None and treat not in (known := choices("treat", "discover_series")):
        raise UsageError(f"there is no way {treat!r} to treat a mean that moves", f"ways: {', '.join(known)}")
    return replace(pins, lags=lags, treat=treat or "")


def check_time(pins: Pins, time: str | None) -> None:
    """Refuse pins of a search over time where there is none, and those of another search where there is one.

    Args:
        pins: what is pinned.
        time: time column of the question, from the flags or from the knowledge.

    Raises:
        UsageError: which pins, and what to do.
    """
    series = replace(pins, method="", test="", alpha=None, domain="")
    if series and not time:
        raise UsageError(
            f"{series.flags()} needs --time", "name the time column too, for example: --time date"
        )
    rows = replace(pins, method="", lags=None, treat="")
    if rows and time:
        raise UsageError(
            f"{rows.flags()} and a search over time ({time}) do not go together",
            "it chooses its own test; leave them out, or the time (--no-knowledge for one in the knowledge file)",
        )


def _test(given: str | None) -> str:
    if not given or given == "auto":
        return ""
    known = choices("test")
    plain = given.lower().replace("-", "_")
    name = SPELLINGS.get(plain, plain)
    if name not in known:
        like = nearest(name, (*known, *SPELLINGS), 1)
        raise UsageError(
            f"there is no independence test {given!r}",
            f"did you mean {like[0]!r}?" if like else f"tests: {', '.join(known)}",
        )
    return name


def choices(parameter: str, tool: str = "discover") -> tuple[str, ...]:
    """What a parameter of a tool may be."""
    from causalcopilot.toolkit.registry import load_tools
    from causalcopilot.toolkit.shape import shape_of

    parameters = load_tools().get(tool).parameters
    return tuple(str(c) for p in parameters if p.name == parameter for c in shape_of(p.annotation).choices)


def split(method: str) -> tuple[str, str]:
    """``--method`` of a question: the search it pins, and the estimator it names (``auto`` where it names none)."""
    if method != "auto" and method in choices("method"):
        return method, "auto"
    return "", method


def with_pins(
    build: Callable[[Case], Question] | Question, wanted: Pins, method: str
) -> Callable[[Case], Question]:
    """A question built with the pins checked against it, once it is understood.

    Raises:
        UsageError: pins that would change nothing, or a method that no tool of this question has.
    """

    from causalcopilot.agent.case import complete

    def built(case: Case) -> Question:
        question = build if not callable(build) else build(case)
        check_used(wanted, question, case)
        if question.kind == "graph":
            check_time(wanted, complete(question, case).time)
        if method != "auto" and question.kind not in ("effect", "graph", "explore", "direction"):
            known = choices("method")
            like = nearest(method, known, 1)
            raise UsageError(
                f"there is no search {method!r}",
                f"did you mean {like[0]!r}?" if like else f"searches: {', '.join(known)}",
            )
        if wanted.domain:
            case.dataset.resolve(wanted.domain)
        if question.kind in ("graph", "explore") and wanted.method:
            return replace(question, method=wanted.method)
        return question

    return built
