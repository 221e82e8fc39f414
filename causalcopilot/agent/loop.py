"""The agent: ask the model, check its calls, run them, append the results, until an answer or a limit.

The list of messages is the only state.  Every event but ``Token`` is yielded after the list has changed,
so a caller that stores messages as they come can go on from any point: calls without an answer at the end
of the list are run first.  The model's mistakes become observations, the provider's failures ``ModelError``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from causalcopilot.agent.events import Asked, Event, Noted, Retried, Stopped, Token, ToolFinished, ToolStarted
from causalcopilot.agent.limits import Limits, Meter
from causalcopilot.agent.models import window, wire
from causalcopilot.agent.models.failures import is_final, is_ours, model_error, overflowed
from causalcopilot.agent.models.wire import shorten
from causalcopilot.errors import CcpError, Interrupted, MemoryBusy, MemoryUnreadable, ToolFailed, nearest

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["Approve", "Limits", "OutcomeLike", "ToolboxLike", "run", "shorten"]

IDLE_STEPS = 3
"""Steps in a row that only repeat earlier calls, before the loop gives up on the model."""


class OutcomeLike(Protocol):
    """What a toolbox returns for one call."""

    @property
    def ok(self) -> bool: ...  # noqa: D102
    @property
    def result(self) -> Any: ...  # noqa: D102
    @property
    def error(self) -> Any: ...  # noqa: D102
    @property
    def seconds(self) -> float: ...  # noqa: D102
    @property
    def content(self) -> str: ...  # noqa: D102
    @property
    def graphs(self) -> Sequence[str]: ...  # noqa: D102


class ToolboxLike(Protocol):
    """The tools of one conversation; ``toolkit.toolbox.Toolbox`` is the real one."""

    def specs(self) -> list[dict[str, Any]]:
        """Function schemas for the model; they change as graphs and calls come in."""

    def check(self, name: str, args: Mapping[str, Any]) -> str | None:
        """What is wrong with a call, with the nearest names, or ``None``."""

    def run(self, call_id: str, name: str, args: Mapping[str, Any]) -> OutcomeLike:
        """Run one call that was checked, and keep what it returns."""


Approve = Callable[[dict[str, Any]], "bool | str"]
"""Takes ``{"call", "tool", "args"}``; true lets the call run, false or a reason declines it."""


def run(
    model: BaseChatModel,
    messages: list[BaseMessage],
    toolbox: ToolboxLike,
    *,
    limits: Limits | None = None,
    next_call: Callable[[], str],
    approve: Approve = lambda call: True,
) -> Iterator[Event]:
    """Drive ``model`` over ``messages`` until it answers without a call.

    Args:
        model: any chat model that can bind tools; the expert, an online model, a scripted one.
        messages: the conversation; grows in place.
        toolbox: schemas, checks and execution.
        limits: how far to go.
        next_call: gives the next call's id (``t7``); numbers run on through a conversation.
        approve: asked before each call runs.

    Yields:
        ``Token`` while text streams in (void if a ``Retried`` follows), ``Asked`` per answer,
        ``ToolStarted`` and ``ToolFinished`` per call, and one ``Stopped`` at the end.

    Raises:
        ModelError: the provider failed, or its answers were cut off ``limits.tries`` times.
        KeyboardInterrupt: passes through; ``messages`` stays good to go on from.
    """
    meter = Meter(limits or Limits())
    idle = 0
    while True:
        if reason := meter.reached():
            return (yield Stopped(reason, meter.steps, meter.tokens))
        if not wire.pending(messages):
            answer = yield from _ask(model, messages, toolbox, meter)
            if answer is None:
                return (yield Stopped("no_answer", meter.steps, meter.tokens))
            messages.append(wire.settle(answer, next_call))
            yield Asked(messages[-1].text, tuple(_told(c) for c in wire.pending(messages)))
            if not wire.pending(messages):
                return (yield Stopped("answer", meter.steps, meter.tokens))
        moved = yield from _act(messages, toolbox, approve, meter)
        idle = 0 if moved else idle + 1
        if idle >= IDLE_STEPS:
            return (yield Stopped("repeating", meter.steps, meter.tokens))


_NUDGES = {
    "empty": "Your answer was empty. Call a tool, or give the final answer as text.",
    "refused": "Your answer was withheld. This is statistics on a table; call a tool or answer plainly.",
    "length": "Your answer was cut off at the length limit. Answer again, shorter.",
    "unreadable": "Your answer could not be read. The arguments of a call are one JSON object.",
}


def _ask(
    model: BaseChatModel, messages: Sequence[BaseMessage], toolbox: ToolboxLike, meter: Meter
) -> Generator[Event, None, AIMessage | None]:
    """One usable answer; ``None`` when the model twice gave nothing that can be used.

    A cut stream is asked again unstreamed, where HTTP itself tells whether an answer is whole.  A request that is
    longer than the model takes is sent once more with nearly all results shortened, and so is all that follows.
    """
    meter.steps += 1
    llm, view = _bound(model, messages, toolbox, meter.keep)
    nudge: list[BaseMessage] = []
    streamed = True
    failure: Exception | None = None
    for attempt in range(1, meter.limits.tries + 1):
        sent = [*view, *nudge]
        answer, failure = yield from _once(llm, sent, streamed)
        meter.tokens += wire.tokens(answer, sent)
        if failure is not None and overflowed(failure):
            if meter.keep == window.TIGHT or not window.shortened(messages, window.TIGHT):
                raise model_error(failure) from failure
            meter.keep = window.TIGHT
            llm, view = _bound(model, messages, toolbox, meter.keep)
            yield Retried("the request was longer than the model takes; old results are shortened", attempt)
            continue
        wrong = wire.fault(answer, streamed) if failure is None else "cut" if streamed else "unreadable"
        if wrong is None:
            return answer
        if wrong == "cut":
            streamed, why = False, "the model's answer was cut off"
        elif nudge:
            break
        else:
            nudge, why = [HumanMessage(_NUDGES[wrong])], f"the model's answer was unusable ({wrong})"
        yield Retried(why, attempt)
    if failure is not None:
        raise model_error(failure) from failure
    return None


def _bound(
    model: BaseChatModel, messages: Sequence[BaseMessage], toolbox: ToolboxLike, keep: int
) -> tuple[Any, list[BaseMessage]]:
    """The model with the tools it is offered, and the conversation as it sees it."""
    specs = window.offered(toolbox.specs(), messages, keep)
    return model.bind_tools(specs), shorten(messages, keep)


def _once(
    llm: Any, sent: list[BaseMessage], streamed: bool
) -> Generator[Event, None, tuple[AIMessage | None, Exception | None]]:
    """One request: what came, and the failure that broke it off."""
    whole: AIMessage | None = None
    try:
        chunks = iter(llm.stream(sent)) if streamed else iter([_untraced(llm.invoke, sent)])
        while (chunk := _untraced(next, chunks, None)) is not None:
            if notice := chunk.response_metadata.pop("ccp_notice", None):
                yield Noted("model", notice)
            whole = chunk if whole is None else whole + chunk
            if chunk.text:
                yield Token(chunk.text)
    except Exception as error:
        if is_ours(error):
            raise
        if is_final(error) and not overflowed(error):
            raise model_error(error) from error
        return whole, error
    return whole, None


def _untraced(function: Callable[..., Any], *args: Any) -> Any:
    """Call it with tracing off; not around a ``yield``, which would change the caller's context."""
    with wire.untraced():
        return function(*args)


def _act(
    messages: list[BaseMessage], toolbox: ToolboxLike, approve: Approve, meter: Meter
) -> Generator[Event, None, bool]:
    """Answer the open calls in order; whether any of them was new.  When time is up the rest stay open."""
    moved = False
    for call in wire.pending(messages):
        if meter.late:
            return True
        told = _told(call)
        if call["name"] == window.RECALL and window.shortened(messages, meter.keep):
            messages.append(_recall(messages, told))
            yield _recalled(told, messages[-1])
            continue
        problem = _problem(messages, call, toolbox) or _declined(approve(told))
        moved = moved or problem is None or problem[0] != "repeated"
        if problem is None:
            yield ToolStarted(**told)
            message, event = _run(toolbox, told)
        else:
            message, event = _refuse(told, *problem)
        messages.append(message)
        yield event
    return moved


def _recall(messages: Sequence[BaseMessage], told: dict[str, Any]) -> ToolMessage:
    """An earlier result once more; its facts keep the address they have."""
    found = window.recalled(messages, told["args"])
    body = (
        {"ok": False, "kind": "invalid_call", "error": found}
        if isinstance(found, str)
        else {"ok": True, **found}
    )
    content = json.dumps({"call": told["call"], **body}, ensure_ascii=False)
    summary = found if isinstance(found, str) else f"showed {found['recalled']} again"
    return _message(told, content, not isinstance(found, str), None, summary)


def _recalled(told: dict[str, Any], message: BaseMessage) -> ToolFinished:
    assert isinstance(message, ToolMessage)
    ok, summary = message.status == "success", str(message.additional_kwargs["summary"])
    if ok:
        return ToolFinished(told["call"], told["tool"], True, 0.0, summary=summary)
    return ToolFinished(told["call"], told["tool"], False, 0.0, error=summary, kind="invalid_call")


def _told(call: Mapping[str, Any]) -> dict[str, Any]:
    return {"call": wire.call_name(call["id"]), "tool": call["name"], "args": call["args"]}


Problem = tuple[str, str]


def _problem(messages: Sequence[BaseMessage], call: dict[str, Any], toolbox: ToolboxLike) -> Problem | None:
    """Why a call is not run: kind and text."""
    before = wire.same_before(messages, call)
    if len(before) >= 2:
        return "repeated", f"you already have this: see {wire.call_name(before[0])}"
    names = [s["function"]["name"] for s in toolbox.specs()]
    if call["name"] not in names:
        like = nearest(call["name"], names)
        asked = f"; did you mean {' or '.join(like)}?" if like else ""
        return "unknown_tool", f"there is no tool {call['name']}{asked}; tools: {', '.join(names)}"
    if wire.MALFORMED in call["args"]:
        return (
            "malformed",
            f"the arguments are not one complete JSON object: {call['args'][wire.MALFORMED]!r}",
        )
    wrong = toolbox.check(call["name"], call["args"])
    return ("invalid_call", wrong) if wrong else None


def _declined(said: bool | str) -> Problem | None:
    if said is True:
        return None
    return "declined", str(said) if said else "declined by the user"


def _refuse(told: dict[str, Any], kind: str, error: str) -> tuple[ToolMessage, ToolFinished]:
    content = json.dumps(
        {"call": told["call"], "ok": False, "kind": kind, "error": error}, ensure_ascii=False
    )
    return _message(told, content, False, None, error), ToolFinished(
        told["call"], told["tool"], False, 0.0, error=error, kind=kind
    )


def _run(toolbox: ToolboxLike, told: dict[str, Any]) -> tuple[ToolMessage, ToolFinished]:
    """Run one call.  What a tool says went wrong is an observation; a bug in it is one too, without its text,
    which may hold values from the table."""
    try:
        outcome = toolbox.run(told["call"], told["tool"], told["args"])
    except (Interrupted, MemoryBusy, MemoryUnreadable):
        raise  # not the tool's failure: the outcome is not kept, so the run must stop here
    except ToolFailed as error:
        return _refuse(told, error.kind, f"internal error in {told['tool']}; the other tools still work")
    except CcpError as error:
        return _refuse(told, error.kind, f"{error.message}; {error.hint}" if error.hint else error.message)
    kind, wrong = _error(outcome.error)
    summary = outcome.result.summary if outcome.ok else ""
    event = ToolFinished(
        told["call"], told["tool"], outcome.ok, outcome.seconds, summary, wrong, kind, tuple(outcome.graphs)
    )
    return _message(told, outcome.content, outcome.ok, outcome.result, summary or wrong), event


def _error(error: Any) -> Problem:
    """Kind and message of a failed outcome, which tells them as an error or as its JSON."""
    if error is None:
        return "", ""
    told = error.to_json() if isinstance(error, CcpError) else error
    return str(told["kind"]), str(told["message"])


def _message(told: dict[str, Any], content: str, ok: bool, result: Any, summary: str) -> ToolMessage:
    return ToolMessage(
        content,
        tool_call_id=wire.wire_id(told["call"]),
        name=told["tool"],
        status="success" if ok else "error",
        artifact=result,
        additional_kwargs={"summary": summary},
    )
