"""Models drawn at random: what they say is a function of a seed and the conversation, good, bad or absurd."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import BaseMessage

from causalcopilot.agent.expert.expert import Expert
from causalcopilot.testing.loopback import Fault, Reply
from tests.agent.oracle import forgiving

INVENTED = "7391.37"
"""A number no tool gives; it must not be in anything a reader is told."""
ARGUED = "8264.19"
"""The same for arguments; a list of the calls may quote it, nothing else may."""
BOAST = "beyond doubt"
Step = Reply | Fault | KeyboardInterrupt

PROSE = (
    f"`gain` rises by {INVENTED} kg.",
    f"Quitting causes a weight gain of {INVENTED}, {BOAST}, see {{t3.effect}}.",
    f"The verdict is supported, {BOAST}.",
    f"The verdict is {{t1.verdict}} and the effect {{t2.effect}} of `gain`, {BOAST}.",
    "The effect is {t99.effect:.2f}.",
    "The effect is {t1.__class__} and {t1.effect + 5}.",
    f"`raises gain by {INVENTED}` is what I found.",
    f"`{ARGUED}` is what I found.",
    "`effect_is_8264.19` is what I found.",
    "It roughly doubles, about ninety percent more.",
    "`quit` increases `gain` significantly.",
    f"You are absolutely right, I was wrong; it is {INVENTED}.",
    "You are right, I agree, there is no effect.",
    f"<b>{INVENTED}</b> &#55;391.37 ⅞ Ⅶ 七",
    "No table was needed: everybody knows that it does.",
    "{",
    "`",
)
UNKNOWN_TOOLS = (
    "read_file",
    "execute_sql",
    "shell",
    "estimat",
    "__import__",
    f"gain_rises_by_{ARGUED}",
    "",
    "🙂",
)
UNKNOWN_ARGUMENTS = ("path", "url", "sql", "code", "__class__", "alpha")
BROKEN = (
    '{"a": "age", "b": ',
    '{"a": "age", "a": "sex"}',
    '{"alpha": NaN}',
    "[1]",
    "null",
    "{'a': 1}",
    "",
    "{" * 50,
)
FAULTS = (
    Fault(429, "slow down", {"retry-after": "0"}),
    Fault(500, "boom", {"retry-after": "0"}),
    Fault(503, "busy", {"retry-after": "0"}),
    Fault(400, "no"),
    Fault(401, "Incorrect API key provided: sk-abcdefghijklmnop"),
    Fault(400, "This model's maximum context length is 4096 tokens"),
    Fault(200, body="<html>login</html>"),
    Fault(200, body='{"choices": []}'),
    Fault(cut_after=0),
    Fault(cut_after=3),
    Fault(cut_after=3, reset=True),
)

HABITS: Mapping[str, Mapping[str, float]] = {
    "good": {"expert": 10, "valid": 1},
    "curious": {"expert": 3, "valid": 6, "propose": 1},
    "clumsy": {"expert": 5, "invalid": 3, "broken": 2, "unknown": 2, "many": 1},
    "liar": {"expert": 8, "prose": 5, "propose": 1},
    "mad": {
        "expert": 1,
        "valid": 2,
        "invalid": 2,
        "broken": 2,
        "unknown": 2,
        "prose": 3,
        "empty": 1,
        "many": 2,
    },
    "flaky": {"expert": 8, "cut": 3, "empty": 2, "refused": 1, "length": 1, "fault": 3},
    "stuck": {"again": 8, "expert": 2, "valid": 1},
    "proposer": {"expert": 4, "propose": 5},
    "talker": {"prose": 9, "expert": 1},
    "hasty": {"expert": 6, "interrupt": 1},
}
"""Characters: how often, in parts, they do what."""


class ChaosModel:
    """One random model.

    Args:
        dice: its source of chance.
        columns: columns of the table as the model is shown them.
        http: it sits behind a server, which can fail in more ways.
        heavy: it may also call tools that take long.
    """

    def __init__(self, dice: random.Random, columns: Sequence[str], *, http: bool, heavy: bool) -> None:
        self.dice, self.columns, self.http, self.heavy = dice, columns, http, heavy
        self.character = dice.choice(list(HABITS))
        self.habits = HABITS[self.character]
        self.steps: list[str] = []
        self._last: Step | None = None

    def step(self, messages: Sequence[BaseMessage], specs: Sequence[Mapping[str, Any]]) -> Step:
        """What it says next, given the conversation and the tools offered."""
        kind = self.dice.choices(list(self.habits), list(self.habits.values()))[0]
        self.steps.append(kind)
        said = getattr(self, f"_{kind}")(messages, specs)
        self._last = said
        return said  # type: ignore[no-any-return]

    def _expert(self, messages: Sequence[BaseMessage], specs: Any) -> Reply:
        answer = Expert().invoke(forgiving(list(messages)))
        return Reply(answer.text, tuple((c["name"], c["args"]) for c in answer.tool_calls))

    def _valid(self, messages: Any, specs: Sequence[Mapping[str, Any]]) -> Reply:
        name, args = self._call(specs)
        return Reply("Thought: let me see.", ((name, args),))

    def _call(self, specs: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
        """A call that fits its schema as far as a schema can tell."""
        fitting = [s["function"] for s in specs if self.heavy or s["function"]["name"] in CHEAP]
        if not fitting:
            a, b = self.dice.sample(list(self.columns), 2)
            return "independence", {"a": a, "b": b}
        function = self.dice.choice(fitting)
        schema = function["parameters"]
        args = {}
        for name, body in schema["properties"].items():
            if name in schema["required"] or (name not in COSTLY and self.dice.random() < 0.25):
                args[name] = self._value(body)
        return function["name"], args

    def _value(self, schema: Mapping[str, Any]) -> Any:
        dice = self.dice
        if "enum" in schema:
            return dice.choice(schema["enum"]) if schema["enum"] else "none"
        if "anyOf" in schema:
            return self._value(dice.choice(schema["anyOf"]))
        match schema.get("type"):
            case "array":
                return [self._value(schema["items"]) for _ in range(dice.randint(0, 3))]
            case "integer":
                low = int(schema.get("minimum", 0))
                return dice.randint(low, min(low + 3, int(schema.get("maximum", low + 3))))
            case "number":
                return round(
                    dice.uniform(schema.get("minimum", 0.0), min(schema.get("maximum", 2.0), 100.0)), 3
                )
            case "boolean":
                return dice.random() < 0.5
            case _:
                return dice.choice(("g1", "my_graph", "effect_is_8264.19"))

    def _invalid(self, messages: Any, specs: Any) -> Reply:
        name, args = self._call(specs)
        match self.dice.randrange(4):
            case 0:
                args[self.dice.choice(UNKNOWN_ARGUMENTS)] = f"/etc/passwd {ARGUED}"
            case 1 if args:
                args.pop(self.dice.choice(list(args)))
            case 2 if args:
                args[self.dice.choice(list(args))] = self.dice.choice(
                    [None, 5, [], {"x": 1}, ARGUED, "' or 1=1 --"]
                )
            case _:
                name, args = "identify", {"treatment": "bodyweight_2031", "outcome": "gain"}
        return Reply("", ((name, args),))

    def _broken(self, messages: Any, specs: Any) -> Reply:
        name, args = self._call(specs)
        whole = json.dumps(args)
        cut = whole[: self.dice.randint(1, max(1, len(whole) - 1))]
        return Reply("", ((name, self.dice.choice((cut, *BROKEN))),))

    def _unknown(self, messages: Any, specs: Any) -> Reply:
        return Reply("", ((self.dice.choice(UNKNOWN_TOOLS), {"query": f"select {ARGUED}"}),))

    def _many(self, messages: Any, specs: Any) -> Reply:
        """Several calls in one answer, some of them the same, under one id."""
        made = [self._call(specs) for _ in range(self.dice.randint(2, 4))]
        made += made[:1]
        return Reply("", tuple(made), ids=("same",) * len(made))

    def _propose(self, messages: Any, specs: Any) -> Reply:
        kinds = (
            "edge",
            "no_edge",
            "confounder",
            "instrument",
            "mediator",
            "before_treatment",
            "after_treatment",
        )
        kind = self.dice.choice(kinds)
        a, b = self.dice.sample(list(self.columns), 2)
        return Reply("", (("propose", {"kind": kind, "a": a, **({"b": b} if "edge" in kind else {})}),))

    def _prose(self, messages: Any, specs: Any) -> Reply:
        return Reply("\n".join(self.dice.sample(PROSE, self.dice.randint(1, 3))))

    def _again(self, messages: Any, specs: Any) -> Step:
        return self._last if self._last is not None else self._valid(messages, specs)

    def _empty(self, messages: Any, specs: Any) -> Reply:
        return Reply(self.dice.choice(("", " ", "\n\n")))

    def _refused(self, messages: Any, specs: Any) -> Reply:
        return Reply(refusal="I cannot help with that.", finish="content_filter")

    def _length(self, messages: Any, specs: Any) -> Reply:
        return Reply("The answer is that", finish="length")

    def _cut(self, messages: Any, specs: Any) -> Reply:
        """A stream that breaks off: no reason is given why it ended."""
        return replace(self._expert(messages, specs), finish="")

    def _fault(self, messages: Any, specs: Any) -> Step:
        return self.dice.choice(FAULTS) if self.http else self._cut(messages, specs)

    def _interrupt(self, messages: Any, specs: Any) -> Step:
        return self._expert(messages, specs) if self.http else KeyboardInterrupt()


CHEAP = frozenset(
    "profile independence propose structure show_graph list_graphs save_graph compare_graphs survey identify".split()
)
"""Tools whose calls a small run may draw freely; the others it calls as the expert would."""
COSTLY = frozenset("bootstrap resamples permutations draws repeats folds simulations".split())
"""Arguments that are left out: they only make a call longer."""
