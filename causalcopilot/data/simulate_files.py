"""A simulation on disk: the table, its knowledge file, and the truth in a file that no analysis reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.data.card import quoted
from causalcopilot.errors import ColumnNotFound, UsageError, nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot.data.simulation import Simulation

DIGITS = 8
"""Significant digits of a number in the table."""


@dataclass(frozen=True)
class Asked:
    """A question whose answer is known.

    Attributes:
        treatment, outcome: two measured variables.
        effect: what a rise of the treatment by one does to the outcome.
    """

    treatment: str
    outcome: str
    effect: float


@dataclass(frozen=True)
class Files:
    """Where a simulation is written: the table, its knowledge file, and the truth."""

    table: Path
    knowledge: Path
    truth: Path


def files_at(output: Path) -> Files:
    """The files of an output: a name ending in ``.csv``, else a folder that gets ``simulated.csv``.

    Raises:
        UsageError: another kind of file is named, or one of the files exists already.
    """
    if output.suffix.lower() == ".csv" and not output.is_dir():
        table = output
    elif output.suffix and not output.is_dir():
        raise UsageError(
            f"{output} is neither a folder nor a .csv file", "simulated tables are written as CSV"
        )
    else:
        table = output / "simulated.csv"
    files = Files(table, table.with_suffix(".toml"), table.with_suffix(".truth.txt"))
    for path in (files.table, files.knowledge, files.truth):
        if path.exists():
            raise UsageError(f"{path} exists already", "choose another name; nothing is overwritten")
    return files


def ask(simulation: Simulation, treatment: str | None = None, outcome: str | None = None) -> Asked:
    """A question about this table with its true answer; what is not given is drawn from the pairs in which the
    treatment is a cause of the outcome (from all pairs where there is none).

    Raises:
        ColumnNotFound: no such variable in the table.
        UsageError: the effect is no single number (links are not linear, or a series).
    """
    import numpy as np

    s = simulation.settings
    if simulation.effects is None:
        what = "a series" if s.lags else f"kind {s.kind}"
        raise UsageError(
            f"the effects in {what} are no single numbers", "ask of kind linear or nongaussian, without lags"
        )
    names = simulation.variables[: s.nodes]
    for name in (treatment, outcome):
        if name is not None and name not in names:
            like = nearest(name, names)
            raise ColumnNotFound(
                f"no simulated variable {name!r}", f"did you mean {like[0]}?" if like else f"X1 to X{s.nodes}"
            )
    pairs = [
        (a, b) for a in names for b in names if a != b and treatment in (None, a) and outcome in (None, b)
    ]
    if not pairs:
        raise UsageError("treatment and outcome are the same variable", "name two")
    causes = [(a, b) for a, b in pairs if simulation.effect(a, b)] or pairs
    a, b = causes[int(np.random.default_rng([s.seed, 30]).integers(len(causes)))]
    return Asked(a, b, simulation.effect(a, b) or 0.0)


def truth_text(simulation: Simulation, asked: Asked | None = None) -> str:
    """The true graph: dagitty text with its latents, or DOT for a series, whose lags dagitty cannot say."""
    if simulation.graph.kind == "lagged":
        from causalcopilot.graph.formats import to_dot

        return to_dot(simulation.graph)
    from causalcopilot.graph.formats import to_dagitty

    return to_dagitty(simulation.graph, *((asked.treatment, asked.outcome) if asked else ()))


def knowledge_text(simulation: Simulation, asked: Asked | None = None, with_graph: bool = False) -> str:
    """The knowledge file: a title and where the table comes from; the question with its accepted answer (which
    no model is shown) where one is asked; the true graph only on request.

    Raises:
        UsageError: the graph of a series is asked for, which a knowledge file cannot hold.
    """
    s = simulation.settings
    lines = [f"title = {quoted(f'Simulated table, seed {s.seed}')}"]
    if with_graph:
        if simulation.graph.kind == "lagged":
            raise UsageError("a knowledge file cannot hold a lagged graph", "leave --with-graph out")
        lines.append(f"graph = {quoted(truth_text(simulation))}")
    if asked:
        lines += _question(asked)
    lines += ["", "[source]", f"text = {quoted('ccp datasets simulate: ' + settings_text(simulation))}"]
    return "\n".join(lines) + "\n"


def _question(asked: Asked) -> Iterator[str]:
    yield from ("", "[question]")
    yield f"text = {quoted(f'What is the effect of {asked.treatment} on {asked.outcome}?')}"
    yield f"treatment = {quoted(asked.treatment)}"
    yield f"outcome = {quoted(asked.outcome)}"
    yield from ("from = 0", "to = 1", "", "[accepted]")
    said = f"{asked.effect:.4g} for a rise of {asked.treatment} by one"
    yield f"text = {quoted(said)}"
    yield from (f"low = {asked.effect:.6g}", f"high = {asked.effect:.6g}")
    yield 'source = "the generating equations"'


def settings_text(simulation: Simulation) -> str:
    """The settings that differ from the defaults, and the seed."""
    s = simulation.settings
    default = type(s)()
    said = [
        f"{f.name} {getattr(s, f.name)}" for f in fields(s) if getattr(s, f.name) != getattr(default, f.name)
    ]
    return ", ".join([*(t for t in said if not t.startswith("seed ")), f"seed {s.seed}"])


def write(simulation: Simulation, files: Files, asked: Asked | None = None, with_graph: bool = False) -> None:
    """Write the three files; a file that exists is never touched.

    Raises:
        UsageError: a file exists already, or the folder cannot be written to.
    """
    knowledge, truth = knowledge_text(simulation, asked, with_graph), truth_text(simulation, asked)
    try:
        files.table.parent.mkdir(parents=True, exist_ok=True)
        with files.table.open("x", encoding="utf-8", newline="") as file:
            file.writelines(csv_lines(simulation))
        for path, text in ((files.knowledge, knowledge), (files.truth, truth)):
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except FileExistsError as e:
        raise UsageError(f"{e.filename} exists already", "choose another name") from e
    except OSError as e:
        raise UsageError(f"cannot write {e.filename}: {e.strerror}", "choose another place with -o") from e


def csv_lines(simulation: Simulation) -> Iterator[str]:
    """The table as CSV, a line at a time; missing cells are empty."""
    columns = [_cells(values) for values in simulation.data.values()]
    yield ",".join(simulation.data) + "\n"
    for row in zip(*columns, strict=True):
        yield ",".join(row) + "\n"


def _cells(values: NDArray[Any]) -> list[str]:
    import numpy as np

    if values.dtype.kind != "f":
        return ["" if v is None else str(v) for v in values.tolist()]
    missing: NDArray[np.bool_] = np.isnan(values)
    return ["" if m else f"{v:.{DIGITS}g}" for v, m in zip(values.tolist(), missing.tolist(), strict=True)]
