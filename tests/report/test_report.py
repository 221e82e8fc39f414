"""Reports: everything that is asked for is there, nothing harmful gets in, and equal runs give equal bytes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

from causalcopilot.domain.estimate import Check
from causalcopilot.domain.run import CallRecord, RunRecord
from causalcopilot.errors import UsageError
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.report.again import command_line
from causalcopilot.report.build import build_view
from causalcopilot.report.claims import Untraceable
from causalcopilot.report.documents import schema
from causalcopilot.report.effect_sections import _checks
from causalcopilot.report.escape import clean, markdown_code, markdown_text
from causalcopilot.report.findings import Found
from causalcopilot.report.html import META_END, META_START, render_html
from causalcopilot.report.markdown import render_markdown
from causalcopilot.report.write import check_report, render_files, write_report
from causalcopilot.toolkit.result import RefuteResult
from tests.report import refused, sample, sampled_table
from tests.report.test_documents import renamed

FORMATS = ("md", "html", "json")
RUNS: dict[str, tuple[RunRecord, tuple[StoredGraph, ...]]] = {
    "effect": (sample.RUN, sample.GRAPHS),
    "refused": (refused.NOT_IDENTIFIED, refused.REFUSED_GRAPHS),
    "explore": (sample.EXPLORATORY, sample.GRAPHS),
}
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """Checks nesting; collects tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


@pytest.mark.parametrize("kind", RUNS)
def test_html_is_sound_and_sealed(kind: str) -> None:
    text = render_html(build_view(*RUNS[kind]))
    page = Page(text)
    names = [t for t, _ in page.tags]
    assert not {"script", "iframe", "object", "embed", "form", "link", "img"} & set(names)
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert not re.search(r"url\(|@import|javascript:|//", text.replace("http://www.w3.org/2000/svg", ""))
    assert not any(k.startswith("on") for _, a in page.tags for k in a)
    ids = [a["id"] for _, a in page.tags if a.get("id")]
    assert len(ids) == len(set(ids))
    targets = [str(a["href"]) for t, a in page.tags if t == "a"]
    assert targets
    assert all(h.startswith("#") and h[1:] in ids for h in targets)
    levels = [int(t[1]) for t in names if re.fullmatch(r"h\d", t)]
    assert levels[0] == 1
    assert set(levels[1:]) == {2}
    assert all(a.get("aria-label") for t, a in page.tags if t == "svg")
    assert "prefers-color-scheme:dark" in text
    assert "@media print" in text


def test_an_effect_report_holds_what_a_reader_needs() -> None:
    view = build_view(*RUNS["effect"])
    ids = [s.id for s in view.sections]
    assert ids == [
        "summary", "estimates", "checks", "overturn", "next", "assumptions", "controls", "support", "graph-1", "data",
        "calls", "reproduce",
    ]  # fmt: skip
    text = render_markdown(view)
    for words in (
        "**Supported**",
        "**3.44 kg** (2.48 to 4.40 kg)",
        "aipw (primary)",
        "association, not an effect",
        "ATC (units with qsmk = 0): not supported by overlap",
        "never counted as passed",
        "smokeintensity",
        "measured after the treatment",
        "wt82_71 is missing in 63 of 1,629 rows",
        "`ccp analyze dataset:nhefs -t qsmk -y wt82_71`",
        sampled_table.HASH,
        "0.158",
        "the card of this data set",
    ):
        assert words in text
    assert [f.name for f in view.figures] == ["estimates", "checks", "overlap", "balance", "graph"]
    counted = text.split("never counted as passed")[0].split("Checks that can fail")[1]
    assert "random common cause" not in counted


def test_checks_that_do_not_apply_share_a_row_and_are_not_drawn() -> None:
    tried = Check("overlap", "diagnostic", "pass", 0.0, 0.3, True, "both arms occur")
    idle = [
        Check(n, "diagnostic", "skipped", None, None, True, "no slope") for n in ("support", "straight_line")
    ]
    found = Found(CallRecord("t4", "refute", {}, True), RefuteResult("tried", checks=(tried, *idle)))
    section = _checks(found)
    assert [g.rows for g in section.grids] == [
        (("overlap", "pass", "0", "0.3", "both arms occur"),),
        (("support, straight line", "no slope"),),
    ]
    assert "straight line" not in section.figures[0].svg


def test_every_fact_shown_has_its_evidence() -> None:
    for run, graphs in RUNS.values():
        view = build_view(run, graphs)
        known = {e.id: e for e in view.evidence}
        parts = [p for b in view.blocks for p in b.parts if p.kind == "fact"]
        assert parts
        assert {f"{p.call}.{p.key}" for p in parts} == set(known)
        assert all(p.text in known[f"{p.call}.{p.key}"].shown for p in parts)


def test_a_refusal_shows_the_path_and_no_number() -> None:
    view = build_view(*RUNS["refused"])
    assert view.answer is not None
    assert (view.answer.tone, view.answer.headline) == ("not_identified", ())
    ids = [s.id for s in view.sections]
    assert "refusal" in ids
    assert not {"estimates", "checks", "overturn", "support"} & set(ids)
    text = render_markdown(view)
    assert "`t <-- u --> y`" in text
    assert "an instrument for t" in text
    assert "not identified" in text.split("## Summary")[1].split("##")[0]


def test_an_exploration_claims_nothing() -> None:
    view = build_view(*RUNS["explore"])
    assert view.answer is None
    assert [s.id for s in view.sections] == ["summary", "graph-1", "data", "calls", "reproduce"]


def test_a_survey_lists_effects_without_estimating() -> None:
    from causalcopilot.toolkit.result import Result, Table

    table = Table(
        "effects", "Effects", ("treatment", "outcome", "adjust for"), (("age", "smokeyrs", "nothing"),)
    )
    survey = sample.call("t3", "survey", {"graph": "nhefs@1"}, Result("1 effect", tables=(table,)))
    view = build_view(replace(sample.EXPLORATORY, calls=(*sample.EXPLORATORY.calls, survey)), sample.GRAPHS)
    assert "| `age`     | smokeyrs | nothing    |" in render_markdown(view)


def test_a_narrative_that_does_not_check_is_never_shown(tmp_path: Path) -> None:
    for bad in ("The effect is 3.4 kg.", "It raises `wt82_71`.", "{t9.effect}"):
        with pytest.raises(Untraceable):
            write_report(replace(sample.RUN, narrative=bad), sample.GRAPHS, tmp_path, FORMATS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", RUNS)
def test_written_and_checked(kind: str, tmp_path: Path) -> None:
    run, graphs = RUNS[kind]
    paths = write_report(run, graphs, tmp_path / "r", FORMATS)
    assert [p.name for p in paths.all] == ["report.md", "report.html", "report.json"]
    assert list(paths.by_format) == ["markdown", "html", "json"]
    assert all(p.is_file() for p in (*paths.all, *paths.figures))
    assert check_report(run, graphs, paths.folder) == []
    linked = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (tmp_path / "r/report.md").read_text())
    assert sorted(linked) == sorted(p.name for p in paths.figures)
    assert not [p for p in paths.folder.iterdir() if p.name.startswith(".")]
    write_report(run, graphs, paths.folder, ("md",))
    assert check_report(run, graphs, paths.folder) == []


def test_report_json_traces_every_claim(tmp_path: Path) -> None:
    write_report(*RUNS["effect"], tmp_path, ("json",))
    record = json.loads((tmp_path / "report.json").read_text())
    jsonschema.validate(record, schema("report"))
    claim = next(c for c in record["claims"] if c["reference"] == "t4.effect.with_unit")
    assert (claim["text"], claim["value"], claim["call"]) == ("3.44 kg", 3.4379, "t4")
    assert record["estimate"]["verdict"]["value"] == "supported"
    assert all(c["facts"]["rows"] == 1629 for c in record["calls"] if c["call"] == "t1")


def test_tampering_is_found(tmp_path: Path) -> None:
    run, graphs = RUNS["effect"]
    write_report(run, graphs, tmp_path, FORMATS)
    page = tmp_path / "report.html"
    page.write_text(page.read_text().replace("3.44 kg", "4.44 kg", 1))
    (tmp_path / "graph.svg").unlink()
    faults = check_report(run, graphs, tmp_path)
    assert len(faults) == 2
    assert "graph.svg is missing" in faults
    assert "has '4.44 kg" in next(f for f in faults if f.startswith("report.html"))
    assert check_report(renamed(run), graphs, tmp_path) == [f"{tmp_path} holds the report of run {run.id}"]
    assert "missing" in check_report(run, graphs, tmp_path / "nowhere")[0]


def test_another_runs_folder_is_never_overwritten(tmp_path: Path) -> None:
    write_report(*RUNS["effect"], tmp_path, ("md",))
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(UsageError, match="holds the report of run"):
        write_report(*RUNS["refused"], tmp_path, FORMATS)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(UsageError, match="did not write"):
        write_report(*RUNS["effect"], tmp_path, FORMATS)
    with pytest.raises(UsageError, match="not a folder"):
        write_report(*RUNS["effect"], tmp_path / "report.json", FORMATS)


@pytest.mark.parametrize("kind", RUNS)
def test_equal_runs_differ_only_in_the_meta_block(kind: str) -> None:
    run, graphs = RUNS[kind]
    later = tuple(replace(g, made="2027", run="other") for g in graphs)
    one, two = render_files(run, graphs, FORMATS), render_files(renamed(run), later, FORMATS)
    assert list(one) == list(two)
    for name in one:
        if name == "report.json":
            a, b = json.loads(one[name]), json.loads(two[name])
            assert a.pop("meta") != b.pop("meta")
            assert json.dumps(a) == json.dumps(b)
        elif name.endswith(".svg"):
            assert one[name] == two[name]
        else:
            assert one[name] != two[name]
            assert _without_meta(one[name]) == _without_meta(two[name])


def _without_meta(text: str) -> str:
    return re.sub(f"{META_START}.*?{META_END}", "", text, flags=re.S)


HOSTILE = "a\x1b[31m<img src=x onerror=alert(1)>|[l](http://e.example)`*_\u202e"


FREE_TEXTS = ("note", "evidence", "detail", "message", "label", "unit")


def hostile() -> RunRecord:
    """The sample with hostile names and texts everywhere."""
    q = replace(sample.RUN.question, treatment=HOSTILE, outcome="y" + HOSTILE, text=HOSTILE)
    names = {"qsmk": HOSTILE, "wt82_71": "y" + HOSTILE}
    calls = json.loads(json.dumps([{"r": c.result} for c in sample.RUN.calls]))

    def put(value: object) -> object:
        if isinstance(value, str):
            return names.get(value, value)
        if isinstance(value, dict):
            return {
                k: HOSTILE if k in ("note", "evidence", "detail", "message", "label", "unit") else put(v)
                for k, v in value.items()
            }
        return [put(v) for v in value] if isinstance(value, list) else value

    made = tuple(replace(c, result=put(d["r"])) for c, d in zip(sample.RUN.calls, calls, strict=True))  # type: ignore[arg-type]
    return replace(
        sample.RUN,
        question=q,
        calls=made,
        dataset=HOSTILE,
        narrative=sample.NARRATIVE.replace("`qsmk`", "it").replace("`wt82_71`", "it"),
    )


def test_hostile_names_and_texts_stay_text(tmp_path: Path) -> None:
    files = render_files(hostile(), sample.GRAPHS, FORMATS)
    page = Page(files["report.html"])
    assert "img" not in [t for t, _ in page.tags]
    assert not any(k.startswith("on") for _, a in page.tags for k in a)
    for name in ("report.html", "report.md"):
        assert "\x1b" not in files[name]
        assert "\u202e" not in files[name]
    markdown = re.sub(
        r"(`+)(?!`).*?(?<!`)\1(?!`)", "", files["report.md"].replace("\\`", "").replace("\\\\", "")
    )
    assert not re.search(r"(?<!\\)<(?!!--)", markdown)
    assert not re.search(r"(?<![!\\])\[[^\]]*(?<!\\)\]\(", markdown)
    assert "http://e" not in markdown
    table = [line for line in files["report.md"].splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) >= 3 for line in table)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("wt82_71", "wt82_71"),
        ("3.44 kg (2 to 4)", "3.44 kg (2 to 4)"),
        ("_a_ *b*", "\\_a\\_ \\*b\\*"),
        ("a|b <c> [d]", "a\\|b \\<c\\> \\[d\\]"),
        ("1. item", "1\\. item"),
        ("- item", "\\- item"),
        ("# head", "\\# head"),
        ("http://x.y", "http:\\//x.y"),
        ("www.x.y", "www\\.x.y"),
        ("me@x.org nhefs@1", "me\\@x.org nhefs@1"),
        ("a\nb\x00\u200b", "a b\ufffd\ufffd"),
    ],
)
def test_markdown_text(text: str, shown: str) -> None:
    assert markdown_text(text) == shown


def test_code_and_clean() -> None:
    assert markdown_code("a") == "`a`"
    assert markdown_code("a`b") == "``a`b``"
    assert markdown_code("`a|") == "`` `a\u2223 ``"
    assert clean("a\x1b[1mb\u202ec\u2028d") == "a\ufffd[1mb\ufffdc d"


def test_the_command_is_rebuilt_where_it_was_not_kept() -> None:
    run = replace(sample.RUN, settings={})
    asked = "'What does quitting smoking do to weight?'"
    assert command_line(run) == (
        f"ccp analyze dataset:nhefs -q {asked} -t qsmk -y wt82_71 --from 0 --to 1 --seed 0"
    )
    question = replace(run, command="ask", dataset="my file.csv")
    assert command_line(question) == f"ccp ask 'my file.csv' {asked} --seed 0"


def test_failed_calls_and_a_models_text_are_told() -> None:
    failed = replace(
        sample.RUN.calls[0],
        id="t6",
        ok=False,
        result=None,
        error={"kind": "tool_timeout", "message": "too slow"},
    )
    run = replace(sample.RUN, model="openai:x", author="openai:x", calls=(*sample.RUN.calls, failed))
    text = render_markdown(build_view(run, sample.GRAPHS))
    assert "failed: too slow" in text
    assert "Written by the model openai:x" in text
    fallen = render_markdown(build_view(replace(run, author="expert"), sample.GRAPHS))
    assert "the model's text did not check" in fallen


def test_a_run_without_a_result_still_has_a_report(tmp_path: Path) -> None:
    run = replace(
        sample.RUN,
        calls=(),
        narrative="I cannot tell: no step of the analysis gave a result.",
        status="limit",
    )
    paths = write_report(run, (), tmp_path, FORMATS)
    assert "I cannot tell" in paths.by_format["markdown"].read_text()
    assert check_report(run, (), tmp_path) == []


@pytest.mark.parametrize(("value", "shown"), [(2000.0, "2,000"), (0.151, "0.151"), (30.0, "30"), (None, "–")])
def test_a_statistic_is_never_shown_in_powers_of_ten(value: float | None, shown: str) -> None:
    from causalcopilot.report.effect_sections import _shown

    assert _shown(value) == shown
