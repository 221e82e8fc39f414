"""The argument for an effect by order of authority: design, the user's controls, graph, roles, nothing.

Nothing here looks at the rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from causalcopilot.domain.identification import Alternative, Assumption, Controls, Excluded
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.stored import StoredGraph
from causalcopilot_tools.effects import assumptions as say
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import dated, doubts, graphical
from causalcopilot_tools.effects.asked import Argument, Asked, against_graph, refuse
from causalcopilot_tools.effects.expressed import by_expression
from causalcopilot_tools.effects.insisted import KNOW_THE_ORDER, chosen, randomised


def argue(asked: Asked) -> Argument:
    """The strongest argument by order of authority (DESIGN: graph given > roles and tiers > learned graph)."""
    if asked.randomised:
        return randomised(asked)
    if asked.controls is not None:
        argument = chosen(asked)
        return argument if asked.given is not None else _with_latents(asked, argument)
    if asked.given is not None:
        return _from_graph(asked, asked.given, "graph")
    if columns.knows_order(asked.knowledge, asked.treatment):
        return _from_roles(asked)
    if asked.learned is not None and _constrained(asked):
        return _by_names(asked, _from_graph(asked, asked.learned, "discovered"))
    return _by_names(asked, _from_nothing(asked))


def _constrained(asked: Asked) -> bool:
    """Whether a learned graph rests on what people know (an order, forbidden or required edges): it may refuse."""
    holds = asked.learned is not None and graphical.holds(asked.learned, asked.treatment, asked.outcome)
    return holds and asked.knowledge.has_order


# --- a graph -------------------------------------------------------------------------------------------------


def _from_graph(asked: Asked, stored: StoredGraph, basis: Literal["graph", "discovered"]) -> Argument:
    """The adjustment criterion on a graph: a valid set, or the path that stays open."""
    view = graphical.view(stored, asked.profile, asked.treatment, asked.outcome)
    found = graphical.adjust(view)
    base = Argument(
        "identified" if basis == "graph" else "assumed",
        basis,
        found.controls,
        assumptions=_graph_assumptions(basis),
        graph=stored.id or None,
        findings=view.findings + found.findings,
        doubts=doubts.doubts(view, found.controls.used) if basis == "discovered" else (),
    )
    if found.valid:
        return base
    if basis == "graph" and not asked.assume:
        through = by_expression(asked, base, view)
        if through is not None:
            return through
    if asked.assume:
        default = _default(asked, view.effects)
        return against_graph(replace(base, controls=default, status="assumed"), found.blocking_path)
    refused = refuse(base, found.blocking_path, found.would_help)
    return replace(refused, open_class=stored.id if view.found.status == "not_amenable" else "")


def _graph_assumptions(basis: str) -> tuple[Assumption, ...]:
    if basis == "graph":
        return (
            say.unconfounded("untestable; the given graph says so"),
            Assumption("graph_correct", False, "whoever drew the graph vouches for it"),
            *say.standard(),
        )
    return (
        say.unconfounded("untestable; rests on a graph learned from these very rows"),
        Assumption("causal_sufficiency", False, "nobody vouches for it"),
        Assumption("faithfulness", False, "nobody vouches for it"),
        *say.standard(),
    )


# --- roles and tiers -------------------------------------------------------------------------------------------


def _from_roles(asked: Asked) -> Argument:
    """All pre-treatment columns are controls (VanderWeele 2019); a learned graph is evidence beside them."""
    known, t, y = asked.knowledge, asked.treatment, asked.outcome
    controls = columns.role_controls(asked.profile, known, t, y)
    who = say.voucher(known)
    base = Argument(
        "identified",
        "roles",
        controls,
        assumptions=(
            say.unconfounded(f"untestable; {who} vouches for the controls"),
            Assumption("controls_before_treatment", False, f"{who} says so"),
            *say.standard(),
        ),
    )
    if y in columns.earlier_columns(known, t):
        told_order = f"{who} puts {y} before {t}: an effect of {t} on it would speak against the adjustment"
        base = replace(base, findings=(told_order,))
    if z := tuple(n for n in known.with_role("instrument") if n in asked.profile.names):
        named = ", ".join(z)
        why = f"{who} names {named} as an instrument, which needs no measured common causes: --instrument {','.join(z)}"
        base = replace(base, alternatives=(*base.alternatives, Alternative("Instrumental Variable", why)))
    if asked.learned is not None:
        others, told = graphical.beside(asked.learned, asked.profile, t, y, controls.used)
        base = replace(base, alternatives=base.alternatives + others, findings=base.findings + told)
    return _with_latents(asked, base)


def _with_latents(asked: Asked, base: Argument) -> Argument:
    """What the latents that the knowledge names do to an argument from roles, or from controls named by hand."""
    known, t, y = asked.knowledge, asked.treatment, asked.outcome
    who = say.voucher(known)
    hidden = _hidden_causes(known, t, y)
    if hidden:
        path = (t, "<--", hidden[0], "-->", y)
        if asked.assume:
            return against_graph(base, path)
        return refuse(base, path, (f"measure {hidden[0]}", *graphical.GENERAL_HELP))
    if known.latents:
        named = ", ".join(known.latents)
        doubt = say.unconfounded(f"{who} names {named} as unmeasured and does not say what it causes")
        return replace(base, status="assumed", assumptions=(doubt, *base.assumptions[1:]))
    return base


def _hidden_causes(known: Knowledge, treatment: str, outcome: str) -> tuple[str, ...]:
    """Latents that the required edges make a cause of both treatment and outcome."""

    def reach(start: str) -> set[str]:
        seen, todo = {start}, [start]
        while todo:
            node = todo.pop()
            new = {b for a, b in known.required if a == node} - seen
            seen |= new
            todo += new
        return seen

    def past_treatment(start: str) -> bool:
        """Whether the latent reaches the outcome on a way that does not run through the treatment."""
        seen, todo = {start, treatment}, [start]
        while todo:
            node = todo.pop()
            new = {b for a, b in known.required if a == node} - seen
            seen |= new
            todo += new
        return outcome in seen

    return tuple(u for u in known.latents if treatment in reach(u) and past_treatment(u))


def _by_names(asked: Asked, base: Argument) -> Argument:
    """Where nobody said who to hold: earlier records of the outcome are, and records that came too late are not.

    What an outcome was before is the strongest common cause a table can hold; a search may drop it where two paths
    cancel.  Age, sex and the like no treatment changes, whatever a search says.  The names of the columns say which
    are which (``dated``).
    """
    if base.status != "assumed" or base.blocking_path:
        return base
    names, t, y = asked.profile.names, asked.treatment, asked.outcome
    could = columns.default_controls(asked.profile, asked.knowledge, t, y).used
    earlier = tuple(n for n in dated.earlier_outcomes(names, y) if n in could and n not in base.controls.used)
    late = {n: why for n, why in dated.too_late(names, t, y).items() if n in base.controls.used}
    born = tuple(n for n in dated.given(names) if n in could and n not in (*base.controls.used, *earlier))
    if not earlier and not late and not born:
        return base
    controls = base.controls
    kept = Controls(
        (*(n for n in controls.minimal if n not in late), *earlier, *born),
        tuple(n for n in controls.optional if n not in late),
        (
            *(e for e in controls.forbidden if e.name not in (*earlier, *born)),
            *(Excluded(n, why) for n, why in late.items()),
        ),
    )
    told = tuple(f"{n} is held: by its name it is {y} at an earlier time" for n in earlier)
    told += tuple(f"{n} is held: by its name nothing that is done changes it" for n in born)
    against = bool(born or late)  # of graphs that the names contradict no range is told
    return replace(
        base,
        controls=kept,
        findings=(*base.findings, *told),
        open_class="" if against else base.open_class,
    )


# --- nothing -----------------------------------------------------------------------------------------------------


def _default(asked: Asked, effects: frozenset[str]) -> Controls:
    return columns.default_controls(asked.profile, asked.knowledge, asked.treatment, asked.outcome, effects)


def _from_nothing(asked: Asked) -> Argument:
    """Nobody said anything: a learned graph if it settles the matter, else every usable column, as an assumption."""
    learned, effects, alternatives, findings = _learned(asked)
    if learned is not None and learned.status != "not_identified":
        return learned
    if asked.knowledge.has_roles:
        findings += (
            f"the roles given are about another treatment than {asked.treatment}, so they name no controls",
        )
    default = _default(asked, effects)
    against = doubts.of_learned(asked, default.used)
    findings += tuple(f"{e.name} is held, but {e.reason}" for e in against)
    return Argument(
        "assumed",
        "none",
        default,
        assumptions=(
            say.unconfounded("untestable; nobody vouches for it"),
            Assumption("controls_before_treatment", False, "nobody vouches for it"),
            *say.standard(),
        ),
        alternatives=alternatives,
        would_help=KNOW_THE_ORDER,
        findings=findings,
        doubts=against,
        open_class=learned.open_class if learned is not None else "",
    )


def _learned(
    asked: Asked,
) -> tuple[Argument | None, frozenset[str], tuple[Alternative, ...], tuple[str, ...]]:
    """The argument from a learned graph alone, or what is left of it: definite effects and a word on why not."""
    if asked.learned is None:
        return None, frozenset(), (), ()
    if not graphical.holds(asked.learned, asked.treatment, asked.outcome):
        return None, frozenset(), (), ("the learned graph does not hold both treatment and outcome",)
    try:
        found = _from_graph(replace(asked, assume=False), asked.learned, "discovered")
        effects = graphical.view(asked.learned, asked.profile, asked.treatment, asked.outcome).effects
    except KnowledgeError as error:
        return None, frozenset(), (), (f"the learned graph could not be used: {error.message}",)
    if found.status != "not_identified":
        return found, effects, (), ()
    why = " ".join(found.blocking_path) or "it leaves open which paths are causal"
    other = Alternative(f"controls from the learned graph {asked.learned.id}".strip(), why)
    return found, effects, (other,), (*found.findings, f"the learned graph gives no valid controls ({why})")
