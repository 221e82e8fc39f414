"""Designs beyond adjustment, from the command line to the verdict."""

from __future__ import annotations

from tests.cli.conftest import Ccp

SCHOOLING = 0.124
"""Published return to a year of schooling with distance to college as instrument (Cunningham 2021)."""


def test_an_instrument(ccp: Ccp) -> None:
    ran = ccp(
        *("estimate", "dataset:close_college", "-t", "educ", "-y", "lwage", "--instrument", "NEARC4"),
        *("--controls", "exper,black,south,married,smsa", "--json"),
    )
    assert ran.code == 0, ran.err
    found = ran.json
    assert found["identification"]["strategy"] == "Instrumental Variable"
    assert found["identification"]["instruments"] == ["nearc4"]
    first = found["estimates"][found["primary"]]
    assert first["quantity"] == "LATE"
    assert first["low"] < SCHOOLING < first["high"]
    assert any(e["method"] == "anderson_rubin" for e in found["estimates"])
    status = {c["name"]: c["status"] for c in found["checks"]}
    assert status["weak_instrument"] == "pass"
    assert status["overidentification"] == "skipped"
    assert status["overlap"] == "skipped"
    assert found["verdict"]["value"] == "fragile"
