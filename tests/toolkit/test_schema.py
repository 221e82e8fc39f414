"""Function schemas, and the check of what a model asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import jsonschema
import pytest

from causalcopilot.data.dataset import DataRef, Dataset
from causalcopilot.errors import ColumnNotFound, GraphNotFound, UsageError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult
from causalcopilot.toolkit.schema import MAX_ENUM, Called, check_arguments, function_spec
from causalcopilot.toolkit.shape import shape_of
from causalcopilot.toolkit.tool import Bounds, Column, Value

CALLS = {"t1": Called("identify", IdentifyResult("")), "t2": Called("estimate", EstimateResult(""))}


def properties(plugin: Any, context: Context, **more: Any) -> dict[str, Any]:
    spec = function_spec(plugin.everything, context, **more)
    found: dict[str, Any] = spec["function"]["parameters"]["properties"]
    return found


def test_the_schema_enumerates_what_exists(plugin: Any, context: Context) -> None:
    spec = function_spec(plugin.everything, context, CALLS)
    assert spec["type"] == "function"
    function = spec["function"]
    assert function["name"] == "everything"
    assert function["description"] == "Take one of every type.\n\nLonger words about it."
    parameters = function["parameters"]
    assert (parameters["required"], parameters["additionalProperties"]) == (["a"], False)
    p = parameters["properties"]
    assert p["a"] == {
        "description": "first column.",
        "type": "string",
        "enum": ["age", "Income", "t", "y"],
    }
    assert p["given"]["items"]["enum"] == ["age", "Income", "t", "y"]
    assert p["graph"]["enum"] == ["people", "people@2", "people@1"]
    assert p["estimate"]["enum"] == ["t2"]
    assert p["method"]["enum"] == ["pc", "fci"]
    assert (p["alpha"]["minimum"], p["alpha"]["maximum"], p["alpha"]["default"]) == (1e-6, 0.5, 0.05)
    assert p["depth"]["type"] == "integer"
    assert p["checks"]["items"]["enum"] == ["placebo", "overlap"]
    assert p["checks"]["description"] == "which checks."
    jsonschema.Draft202012Validator.check_schema(parameters)


def test_what_does_not_exist_yet_is_told(plugin: Any, context: Context) -> None:
    p = properties(plugin, replace(context, graphs=()))
    assert "enum" not in p["graph"]
    assert "call discover first" in p["graph"]["description"]
    assert "call estimate first" in p["estimate"]["description"]


def test_a_very_wide_table_is_not_enumerated(plugin: Any, context: Context) -> None:
    columns: Any = tuple((f"c{i}", "continuous") for i in range(MAX_ENUM + 1))
    wide = replace(context, dataset=Dataset(replace(context.dataset.ref, columns=columns)))
    assert properties(plugin, wide)["a"] == {
        "description": f"first column (one of {MAX_ENUM + 1} columns).",
        "type": "string",
    }
    assert check_arguments(plugin.everything, {"a": "c300"}, wide).args == {"a": "c300"}


GOOD: dict[str, Any] = {
    "a": "age",
    "given": ["t", "y"],
    "graph": "people",
    "estimate": "t2",
    "method": "fci",
    "alpha": 0.1,
    "depth": 3,
    "deep": True,
    "value": "treated",
    "name": "my-graph2",
    "checks": ["overlap"],
}


def test_good_arguments_are_normalised(plugin: Any, context: Context) -> None:
    checked = check_arguments(plugin.everything, {**GOOD, "depth": 3.0}, context, CALLS)
    assert checked.problem == ""
    assert checked.args == {**GOOD, "given": ("t", "y"), "checks": ("overlap",)}
    assert type(checked.args["depth"]) is int


def test_null_is_not_given_unless_it_means_something(plugin: Any, context: Context) -> None:
    checked = check_arguments(plugin.everything, {"a": "age", "alpha": None, "graph": None}, context)
    assert checked.args == {"a": "age", "graph": None}
    assert "a: no column None" in check_arguments(plugin.everything, {"a": None}, context).problem


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"a": "agee"}, ColumnNotFound, "a: no column 'agee'; did you mean 'age'?"),
        ({"a": "income"}, ColumnNotFound, "did you mean 'Income'?"),
        ({"a": "zzzz"}, ColumnNotFound, "columns: age, Income, t, y"),
        ({"a": ["age"]}, ColumnNotFound, "no column ['age']"),
        ({"given": "t"}, UsageError, "given: must be a list of column names, not 't'"),
        ({"given": ["t", "q"]}, ColumnNotFound, "given: no column 'q'"),
        ({"given": ["t", "t"]}, UsageError, "given: names 't' twice"),
        ({"graph": "peopel"}, GraphNotFound, "did you mean 'people'"),
        ({"graph": "people@3"}, GraphNotFound, "no graph 'people@3' is remembered"),
        ({"estimate": "t1"}, UsageError, "t1 is a call of identify, not of estimate; calls: t2"),
        ({"estimate": "t9"}, UsageError, "no successful call 't9' of estimate"),
        ({"method": "PC"}, UsageError, "method: 'PC' is not one of pc, fci; did you mean 'pc'?"),
        ({"alpha": "0.05"}, UsageError, "alpha: must be a number, not '0.05'"),
        ({"alpha": 0.7}, UsageError, "alpha: must lie between 1e-06 and 0.5, not 0.7"),
        ({"alpha": True}, UsageError, "alpha: must be a number"),
        ({"alpha": float("nan")}, UsageError, "alpha: must be a number"),
        ({"depth": 2.5}, UsageError, "depth: must be a whole number, not 2.5"),
        ({"depth": float("inf")}, UsageError, "depth: must be a whole number"),
        ({"deep": "yes"}, UsageError, "deep: must be true or false"),
        ({"deep": 1}, UsageError, "deep: must be true or false"),
        ({"value": [1]}, UsageError, "value: must be a number, a text or true or false"),
        ({"name": "../../etc/passwd"}, UsageError, "is not a name"),
        ({"name": "two\n"}, UsageError, "is not a name"),
        ({"name": "8264.19"}, UsageError, "beginning with a letter"),
        ({"name": "gain-8264"}, UsageError, "beginning with a letter"),
        ({"name": "a" * 65}, UsageError, "at most 64"),
        ({"checks": ["placebo", "x"]}, UsageError, "checks: 'x' is not one of placebo, overlap"),
        ({"metod": "pc"}, UsageError, "everything has no argument 'metod'; did you mean 'method'?"),
        ({"path": "/etc/passwd"}, UsageError, "everything has no argument 'path'"),
    ],
)
def test_bad_arguments_are_refused_by_name(
    plugin: Any, context: Context, wrong: dict[str, Any], error: type[UsageError], says: str
) -> None:
    checked = check_arguments(plugin.everything, {**GOOD, **wrong}, context, CALLS)
    assert checked.args == {}
    assert type(checked.error) is error
    assert says in checked.problem


def test_all_faults_are_told_at_once(plugin: Any, context: Context) -> None:
    problem = check_arguments(plugin.everything, {"alpha": 9, "zzz": 1}, context).problem
    for part in ("no argument 'zzz'", "a is missing", "alpha: must lie"):
        assert part in problem
    assert "must be one JSON object" in check_arguments(plugin.everything, ["age"], context).problem


def test_the_check_is_as_strict_as_the_schema(plugin: Any, context: Context) -> None:
    parameters = function_spec(plugin.everything, context, CALLS)["function"]["parameters"]
    jsonschema.validate(GOOD, parameters)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**GOOD, "a": "agee"}, parameters)


def test_shown_names_work_both_ways(plugin: Any, context: Context) -> None:
    names = {"age": "v1", "Income": "v2", "t": "v3", "y": "v4"}
    assert properties(plugin, context, names=names)["a"]["enum"] == ["v1", "v2", "v3", "v4"]
    checked = check_arguments(plugin.everything, {"a": "v2", "given": ["v4"]}, context, names=names)
    assert checked.args == {"a": "Income", "given": ("y",)}
    problem = check_arguments(plugin.everything, {"a": "age"}, context, names=names).problem
    assert "no column 'age'" in problem
    assert "Income" not in problem


@pytest.mark.parametrize("annotation", [str, dict, list[str], Path, int | str, Any, bytes, object])
def test_types_that_reach_too_far_are_refused(annotation: Any) -> None:
    with pytest.raises(TypeError):
        shape_of(annotation)


def test_shapes() -> None:
    assert shape_of(Column | None).nullable
    assert shape_of(Value).kind == "value"
    assert shape_of(Annotated[int, Bounds(1, 2)] | None).bounds == Bounds(1, 2)
    assert shape_of(Literal["a", 1]).choices == ("a", 1)


def test_the_case_needs_no_data(plugin: Any) -> None:
    ref = DataRef("", "", "", 0, ())
    assert "enum" not in properties(plugin, Context(Dataset(ref), None))["a"]  # type: ignore[arg-type]
