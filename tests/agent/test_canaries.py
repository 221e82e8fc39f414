"""Secrets are planted wherever a user has some; every tool is called, and nobody is told more than they may know.

Where each may appear:

=================================  =======  ==========  ======  ======
secret                             request  event, log  memory  report
=================================  =======  ==========  ======  ======
API key                            header   never       never   never
environment                        never    never       never   never
folder of the table, as given      never    local       local   local
cells, values of rows              never    never       never   never
extremes of a column, rare labels  never    never       local   local
common labels                      shared   local       local   local
column names, name of the table    names    local       local   local
=================================  =======  ==========  ======  ======

``shared``: with ``--share-levels`` and at least ten rows; ``names``: not under aliases; ``local``: on this machine.
"""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from causalcopilot.agent.case import complete
from causalcopilot.agent.conversation import Conversation
from causalcopilot.agent.events import Event
from causalcopilot.agent.plan import Plan
from causalcopilot.agent.session import Session
from causalcopilot.domain.question import Question
from causalcopilot.memory.database import CONFIG
from causalcopilot.report.write import render_files
from causalcopilot.settings import load_settings
from causalcopilot.testing import ScriptedModel, calls
from causalcopilot.toolkit.registry import load_tools
from tests.agent.shared import share

ROWS = 240
TREATED, OUTCOME, AGE, AFTER = "Krasnodar dose", "zweibruecken_gain", "Montferrat Age", "quuxafter"
SITE, PERSON, TIME = "Vladivostok site", "person_ossining", "tick_uppsala"
COLUMNS = (TREATED, OUTCOME, AGE, AFTER, SITE, PERSON, TIME)
COMMON, RARE = ("northgrimsby", "southgrimsby"), "rare-osprey"
CELL = "98765.4321"
KEY = "sk-canary-abcdefghijklmnop"
FOLDER, STEM, VARIABLE = "xanadu-vault", "zebedee_quarterly", "wombat-variable"
MARK = "ossining-person-"
NEVER = (KEY, FOLDER, VARIABLE, CELL, CELL[:-1], RARE, f"{MARK}7")
"""What no online model, event, log, memory or report may hold."""
NAMES = (*COLUMNS, STEM, *(n.split()[0] for n in COLUMNS))
ABOUT_ONE_ROW = ("anomaly", "counterfactual")
"""Tools whose results are values of a row; no online model may have them."""

V = {name: f"v{i}" for i, name in enumerate(COLUMNS, 1)}
T, Y, A, B, S, P, U = (V[n] for n in COLUMNS)
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("profile", {}),
    ("discover", {"name": "g", "method": "pc", "columns": [T, Y, A, B]}),  # t2
    ("list_graphs", {}),
    ("show_graph", {"graph": "g"}),
    ("save_graph", {"graph": "g", "name": "other"}),
    ("compare_graphs", {"first": "g", "second": "other"}),
    ("independence", {"a": A, "b": Y, "given": [T]}),
    ("independence", {"a": S, "b": Y}),
    ("propose", {"kind": "edge", "a": A, "b": Y, "graph": "g"}),
    ("structure", {"question": "confounder", "a": T, "b": Y, "graph": "g"}),
    ("survey", {"graph": "g"}),
    ("falsify", {"graph": "g"}),
    ("effect_range", {"treatment": T, "outcome": Y, "graph": "g"}),
    ("drivers", {"outcome": Y, "graph": "g"}),
    ("direction", {"a": A, "b": Y}),
    ("changes", {"domain": S, "columns": [A, Y]}),
    ("discover_series", {"time": U, "columns": [A, Y], "method": "var", "lags": 1}),
    ("discover", {"name": "lin", "method": "direct_lingam", "columns": [T, Y, A, B]}),  # t18
    ("arrow_strength", {"outcome": Y, "graph": "lin"}),
    ("attribute_change", {"outcome": Y, "graph": "lin", "column": S, "first": "level1", "second": "level2"}),
    ("intervene", {"cause": A, "outcome": Y, "graph": "lin", "shift": 1.0}),
    ("identify", {"treatment": T, "outcome": Y, "controls": [A]}),  # t22
    ("estimate", {"identification": "t22"}),  # t23
    ("refute", {"estimate": "t23"}),
    ("heterogeneity", {"identification": "t22", "modifiers": [A]}),
    ("anomaly", {"outcome": Y, "graph": "lin", "row": 6}),
    ("anomaly", {"outcome": Y, "graph": "lin", "row": "somebody", "row_column": P}),
    ("counterfactual", {"cause": A, "outcome": Y, "graph": "lin", "row": 6, "shift": 1.0}),
    ("identify", {"treatment": S, "outcome": Y, "treated_value": "nowhere"}),
    ("identify", {"treatment": A, "outcome": S, "controls": []}),
    ("independence", {"a": "v99", "b": TREATED}),
)


def table(folder: Path) -> Path:
    """A table with a secret in every place a table has."""
    dice = np.random.default_rng(5)
    age = dice.normal(45, 12, ROWS).round(2).astype(str)
    age[5] = CELL
    years = np.clip(age.astype(float), 0, 90)
    dose = (dice.random(ROWS) < 1 / (1 + np.exp(-0.05 * (years - 45)))).astype(int)
    gain = (2 * dose + 0.1 * years + dice.laplace(0, 1, ROWS)).round(3)
    after = (0.5 * gain + dice.laplace(0, 1, ROWS)).round(3)
    site = dice.choice(COMMON, ROWS)
    site[:3] = RARE
    person = [f"{MARK}{i}" for i in range(ROWS)]
    place = folder / FOLDER
    place.mkdir()
    path = place / f"{STEM}.csv"
    lines = [",".join(COLUMNS)]
    lines += [
        ",".join(map(str, r)) for r in zip(dose, gain, age, after, site, person, range(ROWS), strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


class Told:
    """Everything one conversation told anybody, by who was told."""

    def __init__(
        self, conversation: Conversation, model: ScriptedModel, events: list[Event], memory: Path
    ) -> None:
        assert conversation.turn is not None
        self.run = conversation.turn.run
        system = model.seen[0][0].text
        told = [
            [m.text, [c["args"] for c in getattr(m, "tool_calls", [])]]
            for request in model.seen
            for m in request
            if m.text != system
        ]
        self.system = system
        self.requests = json.dumps([told, model.specs], ensure_ascii=False)
        self.events = json.dumps([e.to_json() for e in events], ensure_ascii=False)
        made = [conversation.session.memory.graph(g, undone=True) for c in self.run.calls for g in c.graphs]
        self.report = "\n".join(render_files(self.run, made, ("md", "html", "json")).values())
        with contextlib.closing(duckdb.connect(str(memory), config=CONFIG)) as connection:
            tables = [r[0] for r in connection.execute("select table_name from duckdb_tables()").fetchall()]
            rows = {t: connection.execute(f'select * from "{t}"').fetchall() for t in tables}
        self.memory = str(rows)
        self.done = {c.tool for c in self.run.calls if c.ok}
        self.failed = {c.tool: str((c.error or {}).get("message")) for c in self.run.calls if not c.ok}


def _found(secret: str, text: str) -> str:
    """The secret with what stands around it; empty where it is not."""
    m = re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text, re.I)
    return text[max(0, m.start() - 120) : m.end() + 40] if m else ""


@pytest.fixture(scope="module")
def worker_results(warm_worker: Any) -> type:
    return share(warm_worker)


@pytest.fixture
def tell(
    worker_results: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Any:
    """Play all calls under some settings."""
    monkeypatch.setattr("causalcopilot.toolkit.worker.Worker", worker_results)
    monkeypatch.setenv("CANARY_VARIABLE", VARIABLE)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    path = table(tmp_path)

    def play(made: Any, **flags: Any) -> Told:
        memory = tmp_path / "m.duckdb"
        given = {"model": "scripted", "memory": memory, "max_steps": len(made) + 3, "api_key": KEY, **flags}
        with Session(load_settings(given, start=tmp_path)) as session:
            case = session.open(str(path))
            shown = session.privacy.shown(case.profile, case.knowledge)
            plain = {V[n]: shown.columns[n] for n in COLUMNS}
            script = [calls((tool, _renamed(args, plain))) for tool, args in made]
            model = ScriptedModel(script=[*script, "I looked at it all.", "", ""])
            conversation = Conversation(
                session, case, session.privacy.guard(model, case.profile, case.knowledge)
            )
            events = list(conversation.ask(complete(Question("explore"), case), Plan("analyze")))
            told = Told(conversation, model, events, memory)
        captured = capfd.readouterr()
        told.events += captured.out + captured.err
        return told

    return play


def _renamed(args: Any, plain: dict[str, str]) -> Any:
    if isinstance(args, dict):
        return {k: _renamed(v, plain) for k, v in args.items()}
    if isinstance(args, list):
        return [_renamed(v, plain) for v in args]
    return plain.get(args, args) if isinstance(args, str) else args


def test_every_tool_is_called_and_no_secret_gets_out_under_aliases(tell: Any) -> None:
    told = tell(CALLS, privacy="aliases")
    tools = {t.name for t in load_tools()}
    assert tools - set(ABOUT_ONE_ROW) <= told.done, f"call it above: {tools - told.done}; {told.failed}"
    assert not told.done & set(ABOUT_ONE_ROW)
    for name in (*NAMES, *COMMON):
        assert _found(name, told.requests) == "", name
        assert name not in told.system
    for secret in NEVER:
        assert _found(secret, told.requests) == "", secret
    for where in ("events", "memory", "report"):
        for secret in (KEY, VARIABLE, f"{MARK}7"):
            assert _found(secret, getattr(told, where)) == "", (where, secret)
    assert _found(CELL, told.events) == ""
    assert OUTCOME in told.memory  # what is looked for can be found


FEW = (*CALLS[:2], CALLS[6], CALLS[7], *CALLS[-3:])


@pytest.mark.parametrize("share_levels", [False, True])
def test_labels_are_told_only_where_they_are_shared_and_common(tell: Any, share_levels: bool) -> None:
    told = tell(FEW, share_levels=share_levels)
    assert all((label in told.requests) == share_levels for label in COMMON)
    assert TREATED in told.requests
    for secret in NEVER:
        assert _found(secret, told.requests) == "", secret
