"""The contract of a tool: a typed, documented function becomes something the loop may call.

    @tool(group="structure")
    def independence(context: Context, a: Column, b: Column, given: Columns = ()) -> StructureResult:
        \"\"\"Test whether two columns are independent, given others.

        Args:
            a: first column.
            b: second column.
            given: columns held fixed.
        \"\"\"

Parameter types a tool may have: ``Column``, ``Columns``, ``GraphRef``, ``Identified``, ``Estimated``,
``str`` (only as ``Literal`` or ``Name``), ``int``, ``float`` (both bounded by ``Bounds``), ``bool``,
``Value`` (a treatment value), ``tuple[X, ...]`` of a ``Literal`` or a number, and any of these with
``| None``.  No tool takes a path, a URL, SQL or code.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_type_hints

from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, Result


@dataclass(frozen=True, slots=True)
class Kind:
    """Marks how an annotated parameter is shown in the schema and resolved before the call."""

    name: Literal["column", "columns", "graph", "call", "name", "value"]
    of: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Inclusive bounds of a number."""

    low: float
    high: float


Column = Annotated[str, Kind("column")]
"""A column of the table; the schema lists them."""
Columns = Annotated[tuple[str, ...], Kind("columns")]
"""Several columns of the table."""
GraphRef = Annotated[StoredGraph, Kind("graph")]
"""A remembered graph, called by ``name`` or ``name@version``; the tool receives the ``StoredGraph``."""
Identified = Annotated[IdentifyResult, Kind("call", "identify")]
"""An earlier ``identify`` call of this conversation, by its id (``t3``); the tool receives its result."""
Estimated = Annotated[EstimateResult, Kind("call", "estimate")]
"""An earlier ``estimate`` call of this conversation, by its id (``t4``); the tool receives its result."""
Name = Annotated[str, Kind("name")]
"""A short name (letters, digits, ``_ - .``) for something new."""
Value = Annotated[Scalar, Kind("value")]
"""A treatment value in the user's units."""
Alpha = Annotated[float, Bounds(1e-6, 0.5)]
"""A test level."""


@dataclass(frozen=True, slots=True)
class Ok:
    """A tool applies."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A tool does not apply: the reason, and what would."""

    reason: str
    hint: str = ""


Applies = Callable[[Profile, Question], Ok | Refusal]


def always(profile: Profile, question: Question) -> Ok:
    """A tool without conditions."""
    return Ok()


@dataclass(frozen=True)
class Parameter:
    """One argument of a tool.

    Attributes:
        name, description: for schema and prompt.
        annotation: the full type, with its ``Kind`` or ``Bounds``.
        required: whether the call must give it.
        default: value when it is not given.
    """

    name: str
    annotation: Any
    description: str
    required: bool
    default: Any = None


@dataclass(frozen=True)
class Card:
    """What a method assumes; the expert's protocol and a model's instructions both read it."""

    assumes: tuple[str, ...] = ()
    data: str = ""
    cost: str = ""
    source: str = ""


def no_methods() -> Mapping[str, Card]:
    """A tool that is one method by itself."""
    return {}


@dataclass(frozen=True)
class Tool:
    """A registered tool.

    Attributes:
        name: function name; what a model calls.
        group: ``profiling``, ``discovery``, ``structure``, ``effects``, ``refutation`` or ``explain``.
        function: takes the ``Context`` and keyword arguments, returns a ``Result``.
        summary: first line of the docstring.
        description: docstring without its ``Args``.
        parameters: in order, without the context.
        where: ``worker`` (default) or ``parent``.
        costly: ask a person first.
        deadline: seconds, before ``--timeout`` overrides.
        applies: pure and cheap; runs in the parent.
        card: assumptions, data, cost, source.
        returns: result class.
        methods: cards of the methods it can be told to use, by name; called only when they are shown.
        private: its facts are values of single rows, so an online model is neither offered it nor told its results.
    """

    name: str
    group: str
    function: Callable[..., Result]
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    where: Literal["worker", "parent"] = "worker"
    costly: bool = False
    deadline: float = 300.0
    applies: Applies = always
    card: Card = field(default_factory=Card)
    returns: type[Result] = Result
    methods: Callable[[], Mapping[str, Card]] = no_methods
    private: bool = False

    @property
    def target(self) -> str:
        """``module:function``, by which the worker finds it."""
        return f"{self.function.__module__}:{self.function.__qualname__}"

    def __call__(self, context: Any, **arguments: Any) -> Result:
        """Run the tool here and now (tests, the worker)."""
        return self.function(context, **arguments)


def tool(
    *,
    group: str,
    where: Literal["worker", "parent"] = "worker",
    costly: bool = False,
    deadline: float = 300.0,
    applies: Applies = always,
    card: Card | None = None,
    methods: Callable[[], Mapping[str, Card]] = no_methods,
    private: bool = False,
) -> Callable[[Callable[..., Result]], Tool]:
    """Make a typed, documented function a ``Tool``; raises ``TypeError`` where a type or text is missing."""

    def register(function: Callable[..., Result]) -> Tool:
        doc = inspect.getdoc(function) or ""
        described = _argument_texts(doc)
        hints = get_type_hints(function, include_extras=True)
        returns = hints.get("return")
        if not (isinstance(returns, type) and issubclass(returns, Result)):
            raise TypeError(f"tool {function.__name__} must declare that it returns a Result")
        parameters = []
        for i, p in enumerate(inspect.signature(function).parameters.values()):
            if i == 0:
                continue
            if p.name not in hints or p.name not in described:
                raise TypeError(
                    f"tool {function.__name__}: argument {p.name} needs a type and a line in Args"
                )
            required = p.default is inspect.Parameter.empty
            parameters.append(
                Parameter(p.name, hints[p.name], described[p.name], required, None if required else p.default)
            )
        body = re.split(r"\n\s*(?:Args|Returns|Raises):", doc)[0].strip()
        if not body:
            raise TypeError(f"tool {function.__name__} needs a docstring")
        return Tool(
            function.__name__,
            group,
            function,
            body.splitlines()[0].rstrip("."),
            body,
            tuple(parameters),
            where,
            costly,
            deadline,
            applies,
            card or Card(),
            returns,
            methods,
            private,
        )

    return register


def _argument_texts(doc: str) -> Mapping[str, str]:
    """Descriptions from the ``Args:`` block of a docstring, one line or several each."""
    block = re.search(r"^Args:\n((?:[ \t]+.*\n?|\n)+)", doc, re.M)
    texts: dict[str, str] = {}
    name = ""
    for line in block[1].splitlines() if block else []:
        start = re.match(r"^ {4}(\w+): (.*)", line)
        if start:
            name = start[1]
            texts[name] = start[2].strip()
        elif name and line.strip():
            texts[name] += " " + line.strip()
    return texts
