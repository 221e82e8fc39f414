"""Tools that misbehave in every way a tool can; the worker imports this module by its plain name."""

from __future__ import annotations

import os
import socket
import sys
import time
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from causalcopilot.domain.facts import Fact
from causalcopilot.errors import DataError
from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit import pause
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult, NewGraph, Result
from causalcopilot.toolkit.tool import (
    Alpha,
    Bounds,
    Column,
    Columns,
    Estimated,
    GraphRef,
    Name,
    Ok,
    Refusal,
    Value,
    tool,
)


def said(**values: Any) -> Result:
    """A result that says these facts."""
    return Result("said", tuple(Fact(k, v) for k, v in values.items()))


def sleep(context: object, seconds: float) -> Result:
    print(f"going to sleep for {seconds} s")
    time.sleep(seconds)
    return said(slept=seconds)


def prepare(context: object, seconds: float, work: float) -> Result:
    """Something that happens once per machine, in nested parts, and then the work."""
    pause.begin()
    pause.begin()
    time.sleep(seconds / 2)
    pause.end()
    time.sleep(seconds / 2)
    pause.end()
    time.sleep(work)
    return said(slept=seconds)


def spin(context: object) -> Result:
    import numpy as np

    a = np.ones((2000, 2000))
    while True:  # inside BLAS, where no Python signal handler runs
        a @ a


def allocate(context: object, megabytes: int) -> Result:
    import numpy as np

    return said(total=float(np.ones(megabytes << 17).sum()))


def segfault(context: object) -> Result:
    import ctypes

    ctypes.string_at(0)
    raise AssertionError


def leave(context: object) -> Result:
    os._exit(11)


def talk(context: object) -> Result:
    print("to standard output")
    sys.stderr.write("to standard error\n")
    os.write(1, b"past Python\n")
    sys.stdout.flush()
    return said(read=sys.stdin.read())


def stumble(context: object) -> Result:
    print("just before")
    raise ValueError("secret cell value 4711")


def refuse(context: object) -> Result:
    raise DataError("the table is empty", "give one with rows")


class Peculiar(DataError):
    """An error that cannot be rebuilt from what it pickles to."""

    def __init__(self, one: str, two: str, three: str) -> None:
        super().__init__(one + two + three)


def refuse_peculiarly(context: object) -> Result:
    raise Peculiar("a", "b", "c")


def wrong_return(context: object) -> Any:
    return {"effect": 1.0}


def numpy_facts(context: object) -> Result:
    import numpy as np

    return said(whole=np.int64(3), real=np.float64(0.5), flag=np.bool_(True))


def dial(context: object, host: str, port: int) -> Result:
    with socket.create_connection((host, port), timeout=2):
        return said(connected=True)


def resolve(context: object) -> Result:
    return said(address=socket.gethostbyname("example.org"))


def process_id(context: object) -> Result:
    return said(pid=os.getpid(), threads=os.environ["OMP_NUM_THREADS"], seed=os.environ["PYTHONHASHSEED"])


def heavy_modules(context: object) -> Result:
    return said(heavy=",".join(m for m in ("econml", "dowhy", "causallearn") if m in sys.modules))


def echo(context: Context, **arguments: Any) -> Result:
    return said(columns=len(context.dataset.ref.columns), got=repr(sorted(arguments.items())))


@dataclass(frozen=True)
class OwnResult(EstimateResult):
    """A plugin's own kind of result."""

    extra: float = 0.0


def only_with_treatment(profile: object, question: Any) -> Ok | Refusal:
    return Ok() if question.treatment else Refusal("the question names no treatment", "give one with -t")


@tool(group="discovery", applies=only_with_treatment)
def picky(context: Context) -> Result:
    """Do nothing, but only with a treatment."""
    return said(done=True)


@tool(group="structure")
def everything(
    context: Context,
    a: Column,
    given: Columns = (),
    graph: GraphRef | None = None,
    estimate: Estimated | None = None,
    method: Literal["pc", "fci"] = "pc",
    alpha: Alpha = 0.05,
    depth: Annotated[int, Bounds(0, 9)] | None = None,
    deep: bool = False,
    value: Value | None = None,
    name: Name | None = None,
    checks: tuple[Literal["placebo", "overlap"], ...] = (),
) -> Result:
    """Take one of every type.

    Longer words about it.

    Args:
        a: first column.
        given: columns held fixed.
        graph: where to look.
        estimate: what to look at.
        method: how.
        alpha: level of the test.
        depth: how deep.
        deep: whether deep.
        value: a treatment value.
        name: a new name.
        checks: which
            checks.
    """
    return said(
        a=a,
        given=",".join(given),
        graph=graph.id if graph else None,
        estimate=type(estimate).__name__ if estimate else None,
    )


@tool(group="discovery")
def learn(context: Context, copies: Annotated[int, Bounds(1, 3)] = 1) -> Result:
    """Make graphs.

    Args:
        copies: how many.
    """
    graph = Graph.from_arrows("dag", ("a", "b"), [("a", "b")])
    facts = (Fact("edges", 1, label="edges found"), Fact("method", "pc"))
    return Result("learned", facts, graphs=tuple(NewGraph(graph, method="pc") for _ in range(copies)))


@tool(group="effects")
def measure(context: Context) -> EstimateResult:
    """Measure."""
    return EstimateResult(
        "measured", (Fact("effect", 3.4, label="effect of a on b", unit="kg", low=2.5, high=4.4),)
    )


@tool(group="structure", where="parent")
def here(context: Context, graph: GraphRef) -> Result:
    """Run in the main process.

    Args:
        graph: which.
    """
    return said(pid=os.getpid(), graph=graph.id, nodes=len(graph.graph.nodes))


@tool(group="structure", where="parent")
def stumble_here(context: Context) -> Result:
    """Fail in the main process."""
    raise ValueError("secret cell value 4711")


@tool(group="effects", deadline=60.0)
def nap(context: Context, seconds: Annotated[float, Bounds(0, 100)]) -> Result:
    """Sleep.

    Args:
        seconds: how long.
    """
    return sleep(context, seconds)


@tool(group="effects")
def fall(context: Context) -> Result:
    """Fail in the worker."""
    return stumble(context)
