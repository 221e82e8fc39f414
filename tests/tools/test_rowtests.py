"""Tests on rows against causal-learn's p-values, and PC told to use them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot_tools.discovery.core.rowtests import Kci, MissingFisherZ, Rcot, Tables
from causalcopilot_tools.discovery.discover import discover
from causalcopilot_tools.discovery.quiet import quiet
from tests.tools.framed import case

SAME = 1e-9
"""Same formula in double precision; causal-learn takes 1 - cdf, which keeps nine digits of a small p-value."""
SETS: tuple[tuple[int, ...], ...] = ((), (2,), (3,), (2, 3))


def categories(seed: int, n: int = 3000) -> NDArray[np.int64]:
    """a -> b -> c, d on its own; three levels each."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 3, n)
    b = np.where(rng.random(n) < 0.6, a, rng.integers(0, 3, n))
    c = np.where(rng.random(n) < 0.6, b, rng.integers(0, 3, n))
    return np.column_stack([a, b, c, rng.integers(0, 3, n)])


def theirs(x: NDArray[Any], name: str, pairs: list[tuple[int, int, tuple[int, ...]]]) -> list[float]:
    with quiet():
        from causallearn.utils.cit import CIT

        test = CIT(x, name)
        return [float(test(i, j, list(s))) for i, j, s in pairs]


def pairs_of(p: int) -> list[tuple[int, int, tuple[int, ...]]]:
    out = []
    for i in range(p):
        for j in range(i + 1, p):
            rest = [v for v in range(p) if v not in (i, j)]
            out += [(i, j, ()), (i, j, (rest[0],)), (i, j, tuple(rest[:2]))]
    return out


@pytest.mark.parametrize(("kind", "name"), [("chi_square", "chisq"), ("g_square", "gsq")])
@pytest.mark.parametrize("seed", range(3))
def test_tables_give_causal_learns_p_values(kind: Any, name: str, seed: int) -> None:
    x = categories(seed)
    pairs = pairs_of(4)
    ours = Tables(x, kind)
    got = [float(ours.p_values(i, j, np.array([s], np.int64).reshape(1, -1))[0]) for i, j, s in pairs]
    assert np.allclose(got, theirs(x, name, pairs), atol=SAME)
    assert min(got) < 0.001 < 0.05 < max(got)


def test_missing_fisher_z_gives_causal_learns_p_values() -> None:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((400, 4))
    x[:, 1] += 0.5 * x[:, 0]
    x[:, 2] += 0.5 * x[:, 1]
    x[rng.random(x.shape) < 0.1] = np.nan
    pairs = pairs_of(4)
    ours = MissingFisherZ(x, tuple(np.array([j]) for j in range(4)))
    got = [float(ours.p_values(i, j, np.array([s], np.int64).reshape(1, -1))[0]) for i, j, s in pairs]
    assert np.allclose(got, theirs(x, "mv_fisherz", pairs), atol=SAME)


def test_kci_gives_causal_learns_p_values() -> None:
    rng = np.random.default_rng(4)
    x = rng.standard_normal((120, 4))
    x[:, 1] += np.sin(2 * x[:, 0])
    x[:, 2] = np.abs(x[:, 1]) + 0.3 * x[:, 2]
    pairs = [(0, 1, ()), (0, 2, (1,)), (0, 3, (1, 2)), (1, 2, (0,))]
    ours = Kci(x, tuple(np.array([j]) for j in range(4)))
    got = [float(ours.p_values(i, j, np.array([s], np.int64).reshape(1, -1))[0]) for i, j, s in pairs]
    assert np.allclose(got, theirs(x, "kci", pairs), atol=SAME)


def test_a_table_without_rows_separates_nobody() -> None:
    x = categories(0, 60)
    test = Tables(x, "g_square")
    assert test.p_values(0, 3, np.array([[1, 2]]))[0] == 0.0
    assert test.untested == 1


def test_rcot_does_not_hang_on_who_comes_first() -> None:
    x = np.random.default_rng(1).standard_normal((300, 3))
    blocks = tuple(np.array([j]) for j in range(3))
    one, two = Rcot(x, blocks, 5), Rcot(x, blocks, 5)
    assert one.p_values(0, 1, np.array([[2]])) == two.p_values(1, 0, np.array([[2]]))


# --- through the tool ---------------------------------------------------------------------------------------------


def run(frame: pd.DataFrame, **arguments: Any) -> DiscoverResult:
    types = arguments.pop("types", None)
    result = discover(case(frame, types=types), **arguments)
    assert isinstance(result, DiscoverResult)
    return result


def skeleton(result: DiscoverResult) -> set[str]:
    return {"".join(sorted((e.source, e.target))) for e in result.graphs[0].graph.edges}


def codes_frame(seed: int, n: int = 3000) -> pd.DataFrame:
    x = categories(seed, n)
    return pd.DataFrame({c: np.array(["x", "y", "z"])[x[:, j]] for j, c in enumerate("abcd")})


@pytest.mark.parametrize("test", ["chi_square", "g_square"])
def test_pc_on_tables_finds_what_causal_learn_finds(test: str) -> None:
    frame = codes_frame(5)
    r = run(frame, method="pc", test=test)
    assert skeleton(r) == {"ab", "bc"}
    assert dict(r.graphs[0].params)["test"] == test
    with quiet():
        from causallearn.search.ConstraintBased.PC import pc

        x = frame.apply(lambda c: c.map({"x": 0, "y": 1, "z": 2})).to_numpy()
        learned = pc(x, 0.01, {"chi_square": "chisq", "g_square": "gsq"}[test], show_progress=False).G.graph
    assert {"".join(sorted(("abcd"[i], "abcd"[j]))) for i, j in np.argwhere(learned != 0)} == {"ab", "bc"}


def test_an_interaction_without_main_effects_is_seen_by_tables_only() -> None:
    """c is the exclusive or of a and b, with noise: correlations are zero."""
    rng = np.random.default_rng(6)
    a, b = rng.integers(0, 2, (2, 4000))
    c = np.where(rng.random(4000) < 0.8, a ^ b, rng.integers(0, 2, 4000))
    frame = pd.DataFrame({"a": a, "b": b, "c": c, "d": np.where(rng.random(4000) < 0.7, c, 0)})
    with_tables = run(frame, method="pc", test="g_square", alpha=0.01)
    assert "cd" in skeleton(with_tables)
    test = Tables(frame.to_numpy(), "g_square")
    assert test.p_values(0, 2, np.array([[1]]))[0] < 1e-6 < test.p_values(0, 2, np.empty((1, 0), np.int64))[0]


@pytest.mark.parametrize("test", ["rcot", "kci"])
def test_kernel_tests_see_curves_that_fisher_z_does_not(test: str) -> None:
    """a -> b -> c through parabolas."""
    rng = np.random.default_rng(7)
    a = rng.standard_normal(400)
    b = a**2 + 0.5 * rng.standard_normal(400)
    c = (b - b.mean()) ** 2 + 0.5 * rng.standard_normal(400)
    frame = pd.DataFrame({"a": a, "b": b, "c": c})
    assert "ab" not in skeleton(run(frame, method="pc", test="fisher_z"))
    assert "ab" in skeleton(run(frame, method="pc", test=test))


@pytest.mark.parametrize("method", ["pc", "fci"])
def test_test_wise_deletion_through_the_tool(method: str) -> None:
    rng = np.random.default_rng(8)
    a = rng.standard_normal(1500)
    b = 0.7 * a + rng.standard_normal(1500)
    c = 0.7 * b + rng.standard_normal(1500)
    frame = pd.DataFrame({"a": a, "b": b, "c": c}).mask(rng.random((1500, 3)) < 0.15)
    r = run(frame, method=method, test="mv_fisher_z")
    assert skeleton(r) == {"ab", "bc"}
    assert any("complete in the columns it tests" in n for n in r.notes)


def test_what_a_test_cannot_take_is_refused_by_name() -> None:
    frame = codes_frame(1, 300)
    numbers = pd.DataFrame(np.random.default_rng(0).standard_normal((100, 14))).add_prefix("v")
    for arguments, said in [
        ({"method": "pc", "test": "fisher_z"}, "fisher_z takes numbers only .a is a category"),
        ({"method": "boss", "test": "g_square"}, "boss makes no independence tests"),
        ({"method": "cd_nod", "domain": "a", "test": "g_square"}, "cannot see a mechanism change"),
    ]:
        with pytest.raises(NotApplicable, match=said):
            run(frame, **arguments)
    with pytest.raises(
        NotApplicable, match=r"chi_square takes categories only .v0 is a number with 100 values"
    ):
        run(numbers, method="pc", test="chi_square")
    with pytest.raises(NotApplicable, match="kci takes at most 10 columns"):
        run(numbers, method="pc", test="kci")


def test_a_named_test_alone_asks_for_a_search_that_makes_tests() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).standard_normal((200, 3)), columns=list("abc"))
    assert run(frame, test="fisher_z").fact("method").value == "pc"
    assert run(frame, test="fisher_z", latents=True).fact("method").value == "fci"


def test_a_search_with_tables_can_be_resampled() -> None:
    r = run(codes_frame(5), method="pc", test="g_square", bootstrap=5)
    assert r.fact("bootstrap").value == 5
    assert {e.confidence for e in r.graphs[0].graph.edges} == {1.0}


def test_a_level_that_changes_nothing_is_told() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).standard_normal((200, 3)), columns=list("abc"))
    assert any(
        "changes nothing in its graph: only the runner-up pc" in n for n in run(frame, alpha=0.2).notes
    )
    assert not any("changes nothing" in n for n in run(frame, method="pc", alpha=0.2).notes)
    with pytest.raises(NotApplicable, match="exact makes no independence tests, so it takes no level"):
        run(frame, method="exact", alpha=0.2)


def test_the_reason_says_what_was_asked() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).standard_normal((200, 3)), columns=list("abc"))
    site = np.arange(200) % 2
    assert run(frame, test="fisher_z").reason == "pc makes the independence test that was asked for"
    assert "domain of each row was named" in run(frame.assign(site=site), domain="site").reason
    assert run(frame, method="exact").reason == "exact was asked for"
