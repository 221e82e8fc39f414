"""CD-NOD: which mechanisms change between domains, and the graph that does not take the change for an effect."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.errors import KnowledgeError, NotApplicable
from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot_tools.discovery import cd_nod
from causalcopilot_tools.discovery.core.change import DomainTest
from causalcopilot_tools.discovery.discover import discover
from causalcopilot_tools.discovery.domains import PARTS, domains_of
from causalcopilot_tools.discovery.found import ARROW, Found, Settings
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.prepared import Prepared
from causalcopilot_tools.discovery.quiet import quiet
from tests.tools.framed import case

ROWS = 2000
NAMES = ("a", "b", "c", "d", "e", "site")
LEVEL = 0.05
NULL_REJECTIONS = 0.075
"""Most rejections at 5 % in 400 draws of a true null: 0.05 plus 2.3 standard errors of 0.011."""
POWER = 0.95
"""Least share of clear changes seen in 100 draws."""


def prepared(x: NDArray[np.float64], site: NDArray[np.int64]) -> Prepared:
    matrix = np.column_stack([x, site.astype(float)])
    types = ("continuous",) * x.shape[1] + ("nominal",)
    return Prepared(NAMES, types, matrix, tuple(np.array([i]) for i in range(len(NAMES))))


def drawn(seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """a -> b -> c <- d, e alone; the mean of a, the slope of c on b and the spread of d differ by site."""
    rng = np.random.default_rng(seed)
    site = rng.integers(0, 3, ROWS)
    e = rng.standard_normal((ROWS, 5))
    a = np.array([-1.0, 0.0, 1.5])[site] + e[:, 0]
    b = 0.8 * a + e[:, 1]
    d = np.array([0.5, 1.0, 1.6])[site] * e[:, 3]
    c = np.array([0.4, 0.9, 1.4])[site] * b + 0.8 * d + e[:, 2]
    return np.column_stack([a, b, c, d, e[:, 4]]), site


def searched(x: NDArray[np.float64], site: NDArray[np.int64], limits: Constraints | None = None) -> Found:
    return cd_nod.search(prepared(x, site), limits or Constraints(), Settings(domain="site"))


def arrows(found: Found) -> set[tuple[str, str]]:
    return {(NAMES[i], NAMES[j]) for i, j in np.argwhere(found.marks == ARROW)}


@pytest.mark.parametrize("seed", range(4))
def test_changes_of_mean_slope_and_spread_are_found(seed: int) -> None:
    found = searched(*drawn(seed))
    assert set(cd_nod.changing(found, NAMES, "site")) == {"a", "c", "d"}
    want = {("a", "b"), ("b", "c"), ("d", "c"), ("site", "a"), ("site", "c"), ("site", "d")}
    assert arrows(found) == want
    assert (found.marks > 0).sum() == 2 * len(want)
    assert any("a, c, d" in n for n in found.notes)


def test_without_change_the_domain_stands_alone() -> None:
    x, _ = drawn(7)
    found = searched(x, np.random.default_rng(1).integers(0, 4, ROWS))
    assert cd_nod.changing(found, NAMES, "site") == ()
    assert any("no mechanism was seen to change" in n for n in found.notes)


def test_moving_columns_and_renumbering_domains_changes_nothing() -> None:
    x, site = drawn(3)
    first = searched(x, site)
    order = np.array([3, 5, 1, 0, 4, 2])
    data = prepared(x, 2 - site).keep([int(i) for i in order])
    again = cd_nod.search(data, Constraints(), Settings(domain="site"))
    assert (again.marks == first.marks[np.ix_(order, order)]).all()


def test_knowledge_is_kept() -> None:
    x, site = drawn(2)
    forbidden = frozenset({("a", "b")})
    found = searched(x, site, Constraints(forbidden=forbidden, required=frozenset({("e", "b")})))
    assert ("a", "b") not in arrows(found)
    assert ("e", "b") in arrows(found)
    with pytest.raises(KnowledgeError, match="nothing causes a domain"):
        searched(x, site, Constraints(required=frozenset({("a", "site")})))


def test_skeleton_of_mean_shifts_is_causal_learns() -> None:
    """Where only means shift along the code, Fisher's Z on the code (causal-learn) sees what our test sees."""
    rng = np.random.default_rng(5)
    site = rng.integers(0, 3, ROWS)
    e = rng.standard_normal((ROWS, 5))
    a, d = 0.8 * site + e[:, 0], e[:, 3]
    b = 0.8 * a + e[:, 1]
    c = 0.7 * b + 0.8 * d + e[:, 2]
    x = np.column_stack([a, b, c, d, e[:, 4]])
    with quiet():
        from causallearn.search.ConstraintBased.CDNOD import cdnod

        theirs = cdnod(x, site[:, None].astype(float), 0.01, "fisherz", show_progress=False).G.graph
    ours = searched(x, site)
    assert ((ours.marks > 0) == (theirs != 0)).all()
    assert arrows(ours) == {("site", "a"), ("a", "b"), ("b", "c"), ("d", "c")}


def test_size_and_power_of_the_change_test() -> None:
    """Laplace noise: the test of spread must not take heavy tails for a change."""
    rng = np.random.default_rng(8)
    null, power = [], []
    for _ in range(400):
        site = rng.integers(0, 4, 300)
        z, e = rng.standard_normal(300), rng.laplace(size=300)
        null.append(_change(z, 0.7 * z + e, site))
    for _ in range(100):
        site = rng.integers(0, 4, 600)
        z = rng.standard_normal(600)
        slope = np.array([0.2, 0.6, 1.0, 1.4])[site]
        power.append(_change(z, slope * z + rng.laplace(size=600), site))
    assert np.mean(np.array(null) < LEVEL) < NULL_REJECTIONS
    assert np.mean(np.array(power) < LEVEL) > POWER


def _change(z: NDArray[np.float64], y: NDArray[np.float64], site: NDArray[np.int64]) -> float:
    x = np.column_stack([z, y, site])
    return DomainTest(x, (np.array([0]), np.array([1]), np.array([2])), 2).change(1, (0,))


def test_size_within_domains_with_slopes_that_differ() -> None:
    rng = np.random.default_rng(9)
    p = []
    for _ in range(400):
        site = rng.integers(0, 3, 240)
        z = rng.standard_normal(240)
        slope = np.array([-1.0, 0.5, 2.0])[site]
        x = np.column_stack(
            [z, slope * z + rng.standard_normal(240), slope * z + rng.standard_normal(240), site]
        )
        p.append(DomainTest(x, tuple(np.array([i]) for i in range(4)), 3).within(1, 2, (0,)))
    assert np.mean(np.array(p) < LEVEL) < NULL_REJECTIONS


def test_domains_are_numbered_cut_or_refused() -> None:
    text = domains_of("site", pd.Series(["x"] * 50 + ["y"] * 50 + [None] * 5 + ["z"] * 3))
    assert text.labels == ("x", "y")
    assert np.isnan(text.codes).sum() == 8
    assert len(text.notes) == 2
    time = domains_of("day", pd.Series(pd.date_range("2020-01-01", periods=900)))
    assert PARTS[0] <= len(time.labels) <= PARTS[1]
    assert (np.diff(time.codes) >= 0).all()
    with pytest.raises(NotApplicable, match="too many for domains"):
        domains_of("who", pd.Series([f"p{i}" for i in range(100)]))
    with pytest.raises(NotApplicable, match="fewer than two domains"):
        domains_of("site", pd.Series(["x"] * 50 + ["y"] * 3))


# --- through the tool ---------------------------------------------------------------------------------------------


def framed(seed: int) -> pd.DataFrame:
    x, site = drawn(seed)
    return pd.DataFrame(x, columns=list(NAMES[:5])).assign(site=np.array(["n", "s", "w"])[site])


def discovered(frame: pd.DataFrame, known: Knowledge | None = None, **arguments: Any) -> DiscoverResult:
    result = discover(case(frame, known), **arguments)
    assert isinstance(result, DiscoverResult)
    return result


def test_the_domain_comes_from_an_argument_or_a_role() -> None:
    frame = framed(1)
    role = Knowledge(columns=(ColumnKnowledge("site", role="domain"),), origin="file")
    one, two = discovered(frame, domain="site"), discovered(frame, role, method="cd_nod")
    assert one.graphs[0].graph == two.graphs[0].graph
    assert {e.target for e in one.graphs[0].graph.edges if e.source == "site"} == {"a", "c", "d"}
    plain = discovered(frame, role)
    assert "site" not in plain.graphs[0].graph.nodes  # left out by name where no search uses it
    assert plain.fact("left_out.1").value == "site"
    with pytest.raises(NotApplicable, match="cd_nod needs a column that tells the domain"):
        discovered(frame, method="cd_nod")
    with pytest.raises(NotApplicable, match="pc does not use a domain column"):
        discovered(frame, method="pc", domain="site")


def test_missing_cells_and_categories() -> None:
    """A category whose shares differ by site changes; rows with holes are left out with a note."""
    frame = framed(4)
    rng = np.random.default_rng(1)
    more = np.where(rng.random(ROWS) < frame["site"].map({"n": 0.2, "s": 0.5, "w": 0.8}), "yes", "no")
    frame = frame.assign(kind=np.where(rng.random(ROWS) < 0.2, "maybe", more))
    frame.loc[::20, "b"] = np.nan
    r = discovered(frame, domain="site")
    assert {e.target for e in r.graphs[0].graph.edges if e.source == "site"} == {"a", "c", "d", "kind"}
    assert any("100 rows with missing cells" in n for n in r.notes)


def test_resamples_count_the_changes() -> None:
    r = discovered(framed(1), domain="site", bootstrap=3)
    assert {e.confidence for e in r.graphs[0].graph.edges if e.source == "site"} == {1.0}
