"""What a reader of an estimate must know of its rows: those left out, repeated, cut short, or that belong together."""

from __future__ import annotations

from causalcopilot.domain.identification import Identification
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects.designs.detected import keys_of
from causalcopilot_tools.effects.grouped import grouping_columns
from causalcopilot_tools.effects.refit import BY_ADJUSTMENT, Prepared
from causalcopilot_tools.effects.survival import event_of, how_to_name, looks_cut_short


def cautions(context: Context, p: Prepared, found: Identification) -> tuple[str, ...]:
    """One sentence for each."""
    out = []
    if p.dropped:
        out.append(f"{p.dropped:,d} of {p.rows:,d} rows lack {p.treatment} or {p.outcome} and were left out.")
    if p.duplicates:
        out.append(
            f"{p.duplicates:,d} rows repeat another row; if they are copies, intervals are too narrow."
        )
    weights = context.knowledge.with_role("weight")
    if weights and p.sampling.weights is None:
        out.append(f"The weights in {weights[0]} are not used; the effect speaks of the table's rows.")
    if (
        p.horizon is None
        and not event_of(context, p.outcome)
        and (cut := looks_cut_short(context, p.outcome))
    ):
        out.append(
            f"{p.outcome} looks like a time to an event and {cut} says whether it came: where it did not, the time was "
            f"cut short, and a plain mean is biased. {how_to_name(cut)} to compare restricted means."
        )
    if p.sampling.clusters is None and found.strategy in BY_ADJUSTMENT:
        out += _together(context, p, found)
    return (*out, *p.findings)


def _together(context: Context, p: Prepared, found: Identification) -> list[str]:
    """Signs that rows belong together and nobody said so, with the flag that settles it."""
    t, held = p.treatment, found.controls.used
    for name in grouping_columns(context, t, p.outcome, ()):
        if name in held:
            return [
                f"{t} never varies within {name}, which is held as a control: no {name} holds both values, so nothing "
                f"can be compared within it. If {t} was handed out by {name}, name it as the cluster "
                f"(--cluster {name}); it is then counted by and not held."
            ]
        return [
            f"{t} never varies within {name}: if it was handed out by {name}, rows of one {name} belong "
            f"together and this interval is too narrow; name the column as the cluster (--cluster {name})."
        ]
    q = context.question
    keys = None if q.unit or q.time else keys_of(context, (t, p.outcome))
    if keys is None:
        return []
    unit, time = keys
    return [
        f"Each {unit} is seen once in every {time}, and its rows are compared as if they had nothing to do with each "
        f"other. --unit {unit} --time {time} compares each {unit} with itself over time; --cluster {unit} keeps this "
        f"comparison and counts by {unit}."
    ]
