"""Tables as people have them, through the whole command: the right number with a notice, or a clear refusal."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.conftest import Ccp, Ran

ROWS = 300
EFFECT = 2.0
"""What one unit of treatment adds in ``plain``."""
NEAR = 0.5
"""Four standard errors of the adjusted slope (noise 1, 300 rows, half of them treated: about 0.125 each)."""
SAME = 1e-9
"""The same numbers through another file format; only the sum's rounding may differ."""
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]")
FLAGS = ("--method", "regression", "--seed", "0")
UP_TO_ESTIMATE = ("--max-steps", "4")
"""Profile, discover, identify, estimate: enough where the question is only whether the numbers arrived."""
LIMIT = 7
ALONE = ("-t", "t", "-y", "y")
"""Without --controls, so that every column is read."""


def plain(rows: int = ROWS, seed: int = 3) -> dict[str, list[str]]:
    """Cells of a table in which ``t`` adds ``EFFECT`` to ``y`` and ``x`` confounds."""
    r = np.random.default_rng(seed)
    x, w = r.normal(size=rows), r.normal(size=rows)
    t = (r.random(rows) < 1 / (1 + np.exp(-0.8 * x))).astype(int)
    y = EFFECT * t + 1.5 * x + 0.5 * w + r.normal(size=rows)
    return {
        "t": [str(v) for v in t],
        **{n: [f"{v:.4f}" for v in c] for n, c in (("y", y), ("x", x), ("w", w))},
    }


def text(cells: dict[str, list[str]], delimiter: str = ",", header: Sequence[str] = ()) -> str:
    """The cells as delimited text."""
    lines = [delimiter.join(header or cells)]
    return "\n".join([*lines, *map(delimiter.join, zip(*cells.values(), strict=True))]) + "\n"


@dataclass(frozen=True)
class Table:
    """One way to hand over the same table.

    Attributes:
        content: the file.
        notice: a code that must be told, or empty.
        words: what the command is told beside the data.
        suffix: of the file.
        effect: the right answer.
    """

    content: bytes
    notice: str = ""
    words: tuple[str, ...] = ("-t", "t", "-y", "y", "--controls", "x,w")
    suffix: str = ".csv"
    effect: float = EFFECT
    near: float = NEAR


def changed(change: Callable[[dict[str, list[str]]], None], notice: str = "", **more: Any) -> Table:
    """``plain`` after one change."""
    cells = plain()
    change(cells)
    return Table(text(cells).encode(), notice, **more)


def holes(tokens: Sequence[str]) -> Callable[[dict[str, list[str]]], None]:
    """Every tenth cell of ``x`` replaced by a token in turn."""

    def change(cells: dict[str, list[str]]) -> None:
        for k, i in enumerate(range(0, ROWS, 10)):
            cells["x"][i] = tokens[k % len(tokens)]

    return change


def add(name: str, make: Callable[[int], str]) -> Callable[[dict[str, list[str]]], None]:
    """One more column."""
    return lambda cells: cells.update({name: [make(i) for i in range(ROWS)]})


def renamed(header: str, treatment: str, outcome: str, controls: str) -> Table:
    """``plain`` under other names, given as the header line stands in the file."""
    body = text(plain()).split("\n", 1)[1]
    words = ("-t", treatment, "-y", outcome, "--controls", controls)
    return Table(f"{header}\n{body}".encode(), words=words)


def swapped(cells: dict[str, list[str]]) -> None:
    cells["t"] = ["drug" if v == "1" else "none" for v in cells["t"]]


def late_text() -> Table:
    """A word in ``x`` after 20,000 numbers."""
    cells = plain(20_400, seed=4)
    cells["x"][20_200] = "broken sensor"
    return Table(text(cells).encode(), "odd_cells", near=0.1)


def comma_decimals() -> bytes:
    return text({n: [v.replace(".", ",") for v in c] for n, c in plain().items()}, ";").encode()


READABLE: dict[str, Callable[[], Table]] = {
    "latin-1": lambda: Table(
        text({**plain(), "größe": ["é"] * (ROWS // 2) + ["ü"] * (ROWS // 2)}).encode("latin-1"), "encoding", ALONE
    ),
    "utf-16": lambda: Table(text(plain()).encode("utf-16"), "encoding"),
    "semicolons": lambda: Table(comma_decimals(), "delimiter"),
    "null tokens": lambda: changed(holes(["NA", ".", "", "N/A"]), "null_tokens"),
    "infinities": lambda: changed(holes(["inf", "-inf", "Infinity"]), "infinite"),
    "late text": late_text,
    "constant": lambda: changed(add("c", lambda i: "7"), "constant", words=ALONE),
    "dates": lambda: changed(add("day", lambda i: f"2024-{1 + i % 12:02}-{1 + i % 28:02}"), words=ALONE),
    "text treatment": lambda: changed(
        swapped, words=("-t", "t", "-y", "y", "--controls", "x,w", "--from", "none", "--to", "drug")
    ),
    "duplicate names": lambda: Table(text(plain(), header=["t", "y", "x", "x"]).encode(), "duplicate_names",
                                     ("-t", "t", "-y", "y", "--controls", "x,x_2")),
}  # fmt: skip


def run_on(ccp: Ccp, table: Table, tmp_path: Path, *words: str) -> tuple[Ran, list[dict[str, Any]]]:
    """``ccp estimate`` on a table: what it did, and its events."""
    path = tmp_path / f"data{table.suffix}"
    path.write_bytes(table.content)
    events = tmp_path / "events.ndjson"
    ran = ccp("estimate", str(path), *table.words, *FLAGS, "--json", "--events", str(events), *words)
    return ran, [json.loads(line) for line in events.read_text().splitlines()] if events.exists() else []


def primary(ran: Ran) -> Any:
    return ran.json["estimates"][ran.json["primary"]]


@pytest.mark.parametrize("name", READABLE)
def test_goes_on_with_the_right_number_and_a_notice(name: str, ccp: Ccp, tmp_path: Path) -> None:
    table = READABLE[name]()
    ran, events = run_on(ccp, table, tmp_path, *UP_TO_ESTIMATE)
    assert ran.code == LIMIT, ran.err
    assert abs(primary(ran)["value"] - table.effect) < table.near
    codes = {e["code"] for e in events if e["type"] == "notice"}
    if table.notice:
        assert table.notice in codes


HOSTILE: dict[str, tuple[str, tuple[str, str, str]]] = {
    "quotes and newlines": ('"the ""t""\n\nof\nit",\'y\',x,w', ('the "t" of it', "'y'", "x,w")),
    "escapes and scripts": ("\x1b[31mt\x1b[0m,\u202ey\x07\u202c,x\\n,ω\u200b", ("t", "y", "x\\n,ω")),
    "braces and marks": ("{t4.effect},{{y}},`x`}},<b>[w](javascript:w)</b>",
                         ("{t4.effect}", "{{y}}", "`x`}},<b>[w](javascript:w)</b>")),
    "words and numbers": ("supported,3.5,2019,--json", ("supported", "3.5", "2019,--json")),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_change_nothing(name: str, ccp: Ccp, tmp_path: Path) -> None:
    header, (treatment, outcome, controls) = HOSTILE[name]
    ran, _ = run_on(ccp, renamed(header, treatment, outcome, controls), tmp_path, *UP_TO_ESTIMATE)
    assert ran.code == LIMIT, ran.err
    assert abs(primary(ran)["value"] - EFFECT) < NEAR


def test_hostile_names_never_steer_a_terminal(ccp: Ccp, tmp_path: Path) -> None:
    """Every command that shows names; colour is forced on, so that an escape of ours would be seen as one."""
    table = renamed(
        '{t4.effect}\x1b[31m,2019,"`x`\n\x1b]0;title\x07",\u202ew', "{t4.effect}", "2019", "`x`,w"
    )
    (tmp_path / "data.csv").write_bytes(table.content)
    for words in (
        ("analyze", "data.csv", "-t", "{t4.effect}", "-y", "2019", "--color", "always"),
        ("run", "show", "last", "--facts"),
        ("data", "show", "data.csv"),
        ("graph", "show", "data"),
        ("ask", "data.csv", "what drives 2019?"),
        ("ask", "data.csv", "hello"),
        ("estimate", "data.csv", "-t", "2019", "-y", "\x1b[31mnothing"),
    ):
        ran = ccp(*words)
        assert ran.code == (2 if words[-1] in ("hello", "\x1b[31mnothing") else 0), ran.err
        assert not STEERING.search(ran.out + ran.err), words
    for file in tmp_path.glob("ccp-report/*/*.*"):
        assert not STEERING.search(file.read_text()), file


def test_hostile_labels_are_in_the_json_and_steer_no_terminal(ccp: Ccp, tmp_path: Path) -> None:
    """Escape codes of one byte and a change of direction: a script reads them whole, a terminal never obeys them."""
    labels = ["\x9b31mred", "\x1b]0;title\x07", "b\u202ede", "plain"]
    rows = [f"{labels[min(i % 100, 3)]},{i}" for i in range(600)]
    (tmp_path / "data.csv").write_text("\n".join(["label,n", *rows]) + "\n", encoding="utf-8")
    for words in (("data", "show", "data.csv", "--json"), ("data", "show", "data.csv")):
        ran = ccp(*words)
        assert ran.code == 0, ran.err
        assert not STEERING.search(ran.out + ran.err), words
    ran = ccp("data", "show", "data.csv", "--json")
    column = next(c for c in ran.json["profile"]["columns"] if c["name"] == "label")
    assert {label for label, _ in column["levels"]} == set(labels)


UNUSABLE: dict[str, tuple[str, bytes]] = {
    "empty": ("a.csv", b""),
    "header only": ("a.csv", b"t,y\n"),
    "one column": ("a.csv", b"t\n1\n2\n"),
    "all missing": ("a.csv", b"t,y\n,NA\n.,?\n"),
    "binary": ("a.csv", np.random.default_rng(0).bytes(4_000)),
    "false parquet": ("a.parquet", b"t,y\n1,2\n"),
    "false excel": ("a.xlsx", b"t,y\n1,2\n"),
    "false duckdb": ("a.duckdb", b"t,y\n1,2\n"),
    "cut json": ("a.jsonl", b'{"t": 1,\n'),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_unusable_tables_are_refused_in_two_lines(name: str, ccp: Ccp, tmp_path: Path) -> None:
    file, content = UNUSABLE[name]
    (tmp_path / file).write_bytes(content)
    refused(ccp("estimate", file, "-t", "t", "-y", "y"), 3, file)


def refused(ran: Ran, code: int, *named: str) -> None:
    """Nothing on standard output; on standard error one line that names the thing and one with the way out."""
    assert ran.code == code
    assert ran.out == ""
    error, hint = ran.err.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint:  ")
    for word in named:
        assert word in ran.err


@pytest.fixture
def csv(tmp_path: Path) -> str:
    (tmp_path / "sales_2024.csv").write_text(text(plain()))
    return "sales_2024.csv"


def test_a_missing_file_names_the_nearest(ccp: Ccp, csv: str) -> None:
    refused(ccp("estimate", "slaes_2024.csv", "-t", "t", "-y", "y"), 3, "slaes_2024.csv", csv)


def test_a_bundled_table_without_its_prefix_is_named_with_it(ccp: Ccp) -> None:
    refused(ccp("estimate", "NSW-cps", "-t", "t", "-y", "y"), 3, "did you mean 'dataset:nsw_cps'?")


def test_unknown_and_ambiguous_columns_name_the_nearest(ccp: Ccp, csv: str, tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text(text(plain(), header=["Dose", "DOSE", "outcome", "w"]))
    refused(ccp("estimate", "two.csv", "-t", "dose", "-y", "outcome"), 2, "'dose'", "Dose", "DOSE")
    refused(ccp("estimate", "two.csv", "-t", "Dose", "-y", "outcom"), 2, "'outcom'", "outcome")
    refused(
        ccp("estimate", "two.csv", "-t", "Dose", "-y", "outcome", "--controls", "ww"),
        2,
        "'ww'",
        "did you mean w",
    )
    refused(ccp("estimate", csv, "-t", "t", "-y", "t"), 2, "both treatment and outcome")
    refused(ccp("estimate", csv, "-t", "t", "-y", "y", "--type", "z=count"), 2, "'z'")
    refused(ccp("discover", csv, "--columns", "t,zz"), 2, "'zz'")
    refused(ccp("discover", csv, "--method", "bos"), 2, "'bos'", "boss")
    refused(ccp("estimate", csv, "-t", "t", "-y", "y", "--method", "magic"), 2, "'magic'", "aipw")
    refused(ccp("estimate", csv, "-t", "t", "-y", "y", "--graph", "dag { t -> y q -> t }"), 2, "'q'")


def test_an_error_as_a_document(ccp: Ccp, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    ran = ccp("estimate", "a.csv", "-t", "t", "-y", "y", "--json")
    assert ran.code == ran.json["error"]["exit"] == 3
    assert "a.csv is empty" in ran.json["error"]["message"]


def test_ten_thousand_columns(ccp: Ccp, tmp_path: Path) -> None:
    cells, more = plain(100), np.random.default_rng(5).integers(0, 9, size=(100, 9_996)).astype(str)
    lines = [",".join([*cells, *(f"v{i}" for i in range(more.shape[1]))])]
    lines += [",".join([*row, *more[i]]) for i, row in enumerate(zip(*cells.values(), strict=True))]
    (tmp_path / "wide.csv").write_text("\n".join(lines) + "\n")
    refused(ccp("estimate", "wide.csv", "-t", "t", "-y", "y"), 3, "10,000 columns", "--controls")
    ran = ccp(
        "estimate", "wide.csv", "-t", "t", "-y", "y", "--controls", "x,w", *FLAGS, "--json", *UP_TO_ESTIMATE
    )
    assert ran.code == LIMIT
    assert abs(primary(ran)["value"] - EFFECT) < 2 * NEAR  # a third of the rows


def test_every_format_and_standard_input_give_the_same_estimate(
    ccp: Ccp, csv: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb
    import pandas as pd

    frame = pd.read_csv(tmp_path / csv)
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    with duckdb.connect(str(tmp_path / "a.duckdb")) as con:
        con.execute("CREATE TABLE visits AS SELECT * FROM frame")
        con.execute(f"COPY visits TO '{tmp_path / 'a.parquet'}' (FORMAT parquet)")

    def estimate(source: str) -> float:
        words = ("-t", "t", "-y", "y", "--controls", "x,w", *FLAGS, "--json", *UP_TO_ESTIMATE)
        ran = ccp("estimate", source, *words)
        assert ran.code == LIMIT, (source, ran.err)
        return float(primary(ran)["value"])

    first = estimate(csv)
    for source in ("a.parquet", "a.xlsx", "a.jsonl", "a.duckdb::visits"):
        assert estimate(source) == pytest.approx(first, rel=SAME), source
    stream = io.TextIOWrapper(io.BytesIO((tmp_path / csv).read_bytes()))
    monkeypatch.setattr("sys.stdin", stream)
    assert estimate("-") == pytest.approx(first, rel=SAME)


def test_output_is_for_the_one_who_reads_it(ccp: Ccp, csv: str) -> None:
    """Not a terminal: no escapes; ``--json``: only the document; ``--quiet``: only the result."""
    words = ("estimate", csv, "-t", "t", "-y", "y", "--controls", "x,w", *FLAGS, *UP_TO_ESTIMATE)
    shown = ccp(*words)
    assert "\x1b" not in shown.out + shown.err
    assert max(map(len, (shown.out + shown.err).splitlines())) <= 80
    as_json = ccp(*words, "--json")
    assert as_json.json["v"] == 1
    assert as_json.err == ""
    quiet = ccp(*words, "--quiet")
    assert quiet.err == ""
    assert quiet.out == shown.out


def test_colour_is_what_was_asked_for(ccp: Ccp, csv: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing step is red where colour is on: flag, then NO_COLOR, FORCE_COLOR, TERM, then the terminal."""
    words = ("estimate", csv, "-t", "t", "-y", "y", "--controls", "x,w", "--from", "0", "--to", "7")

    def red(*more: str, **environment: str) -> bool:
        for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        ran = ccp(*words, *more)
        assert "7 is not a value of t" in ran.err
        assert ran.out == ""
        return "\x1b[31m" in ran.err

    assert not red()
    assert red("--color", "always", NO_COLOR="1")
    assert not red("--color", "never", FORCE_COLOR="1")
    assert not red(NO_COLOR="1", FORCE_COLOR="1")


def test_limits_end_with_seven_and_what_is_known(ccp: Ccp, csv: str) -> None:
    words = ("estimate", csv, "-t", "t", "-y", "y", "--controls", "x,w")
    late = ccp(*words, "--timeout", "0.01")
    assert late.code == LIMIT
    assert late.out == ""
    assert "error: estimate took more than 0.01 s" in late.err
    assert "--timeout" in late.err
    short = ccp(*words, "--max-steps", "3")
    assert short.code == LIMIT
    assert "no estimate was reached" in short.out
    assert "Controls (2)" in short.out
    assert "--max-steps" in short.err
    assert ccp("discover", csv, "--max-steps", "1").code == LIMIT
    assert ccp("analyze", csv, "--max-steps", "1").code == LIMIT


@pytest.mark.parametrize(
    "words",
    [("--color", "blue"), ("--seed", "x"), ("--max-memory", "-1"), ("--timeout", "0"), ("--max-steps", "-2")],
)
def test_settings_that_make_no_sense_are_refused(words: tuple[str, str], ccp: Ccp, csv: str) -> None:
    ran = ccp("estimate", csv, "-t", "t", "-y", "y", *words)
    assert ran.code in (2, 78), ran.err
    assert ran.out == ""
    assert ran.err.startswith("error: ")


def test_nhefs_reads_well_at_eighty_columns(ccp: Ccp) -> None:
    ran = ccp("estimate", "dataset:nhefs")
    assert ran.code == 0
    assert [line for line in (ran.out + ran.err).splitlines() if len(line) > 80] == []
