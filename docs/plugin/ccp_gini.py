"""How unequally is a column shared out?  An example of a tool: copy it, rename it, put your own method in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Result
from causalcopilot.toolkit.tool import Card, Column, Ok, Refusal, tool

if TYPE_CHECKING:
    import numpy as np  # at run time it is imported inside the function: the schema is read without it


def gini_coefficient(values: np.ndarray) -> float:
    """The Gini coefficient: 0 where all have the same, near 1 where one has all.

    Args:
        values: n numbers, none negative, their sum positive.

    Source:
        Half the relative mean absolute difference; Sen, On Economic Inequality (1973).
    """
    import numpy as np

    ordered = np.sort(np.asarray(values, float))
    ranks = np.arange(1, len(ordered) + 1)
    return float(
        2 * (ranks * ordered).sum() / (len(ordered) * ordered.sum()) - (len(ordered) + 1) / len(ordered)
    )


def _applies(profile: Profile, question: Question) -> Ok | Refusal:
    if any(c.storage == "number" for c in profile.columns):
        return Ok()
    return Refusal("no column holds numbers", "give a table with an amount per row")


@tool(
    group="profiling",
    applies=_applies,
    card=Card(
        assumes=("the column is an amount that can be shared out",),
        data="one column of numbers, none negative",
        cost="under a second",
        source="Sen 1973",
    ),
)
def gini(context: Context, column: Column) -> Result:
    """Tell how unequally a column is shared out among the rows.

    Args:
        column: an amount, none of it negative.

    Raises:
        NotApplicable: the column is text, holds a negative value, or adds up to nothing.
    """
    import pandas as pd

    values = pd.to_numeric(context.dataset.frame([column])[column], errors="coerce").dropna()
    if values.empty or values.min() < 0 or values.sum() <= 0:
        raise NotApplicable(
            f"{column} is no amount that can be shared out", "name a column without negative values"
        )
    share = gini_coefficient(values.to_numpy())
    facts = (
        Fact("gini", share, f"Gini coefficient of {column}", subject=column, format=".2f"),
        Fact("rows", len(values), "rows with a value", format="d"),
    )
    return Result(f"the Gini coefficient of {column} is {share:.2f}", facts)
