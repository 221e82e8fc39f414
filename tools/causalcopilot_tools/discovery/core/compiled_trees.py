"""Compiled kernels of BOSS: grow-shrink trees on covariances, and the sweep that moves one variable at a time.

The tree of a variable remembers, for every path of additions, which further parents would still improve its score,
best first (Andrews et al. 2023).  Variables are blocks of matrix columns, so the same kernels serve numbers and
indicators (degenerate Gaussian).  All nodes of all trees live in a few growing arrays.
"""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.compiled import NONE, ZERO, compiled, inner
from causalcopilot_tools.discovery.core.compiled_state import Problem, Room, Trees
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray

SINGULAR = 1e-12
"""Variance left below this counts as none: the column says nothing new."""
FULL = -1
"""Answer of a kernel that found the arrays too small; the caller makes them larger and asks again."""
IMPROVEMENT = 1e-6
"""A move counts when it raises the score by more than this."""


@compiled
def plant(problem: Problem, trees: Trees, room: Room) -> None:
    """The roots: every variable with its required parents only."""
    p = len(problem.forbidden)
    trees.used[0], trees.used[1] = p, 0
    for y in range(p):
        k = _required(problem, y, room.path)
        trees.first[y], trees.children[y], trees.done[y] = -1, 0, False
        trees.grown[y] = _local(problem, room, y, k, NONE)


@compiled
def sweep(
    problem: Problem,
    trees: Trees,
    room: Room,
    order: IntArray,
    turns: IntArray,
    picks: FloatArray,
    begin: int,
    moved: BoolArray,
) -> int:
    """Put each variable of ``turns`` from ``begin`` on where the order scores best.

    Args:
        order: in and out.
        turns: variables to move, one after the other.
        picks: (p,) numbers in [0, 1) that choose among places that score alike: wandering on such a plateau
            finds ways up that staying does not.
        begin: first of them.
        moved: (1,) out; set where the score rose.

    Returns:
        How many turns are done; fewer than all when the arrays were too small.
    """
    p = len(order)
    rest, place = np.empty(p - 1, np.int64), np.empty(p, np.int64)
    scores = np.empty(p)
    for turn in range(begin, p):
        v = turns[turn]
        now, k = 0, 0
        for i in range(p):
            if order[i] == v:
                now = i
            else:
                rest[k] = order[i]
                place[order[i]] = k
                k += 1
        place[v] = p
        if not _insertions(problem, trees, room, rest, place, v, scores):
            return turn
        top = -np.inf
        for i in range(p):
            top = max(top, scores[i])
        if top > scores[now] + IMPROVEMENT:
            moved[0] = True
        best = _pick(scores, top, picks[turn])
        for i in range(p - 1):
            order[i if i < best else i + 1] = rest[i]
        order[best] = v
    return p


@inner
def _pick(scores: FloatArray, top: float, pick: float) -> int:
    """One of the places that score best."""
    ties = 0
    for i in range(len(scores)):
        if scores[i] >= top - IMPROVEMENT:
            ties += 1
    left = int(pick * ties)
    for i in range(len(scores)):
        if scores[i] >= top - IMPROVEMENT:
            if left == 0:
                return i
            left -= 1
    return 0


@inner
def _insertions(
    problem: Problem, trees: Trees, room: Room, rest: IntArray, place: IntArray, v: int, scores: FloatArray
) -> bool:
    """Score of the order with ``v`` before each of ``rest`` and at the end; ``False`` where arrays are full."""
    size = len(rest)
    pair = np.empty(2)
    with_v = np.empty(size)
    ahead = 0.0
    low, high = 0, size
    first, children, child, node = trees.first, trees.children, trees.child, trees.node
    done, shrunk, before = trees.done, trees.shrunk, problem.before
    for step in range(2 * size + 1):  # by turns v itself, and the variable it would stand before
        i = step // 2
        y, extra = (v, -1) if step % 2 == 0 else (rest[i], v)
        if not _walk(first, children, child, node, done, shrunk, y, place, i, extra, pair) and not _trace(
            problem, trees, room, y, place, i, extra, pair
        ):
            return False
        if y == v:
            scores[i] = ahead + pair[0]
            continue
        ahead += pair[0]
        with_v[i] = pair[1]
        if before[y, v]:
            low = i + 1
        if before[v, y]:
            high = min(high, i)
    behind = 0.0
    for i in range(size - 1, -1, -1):
        behind += with_v[i]
        scores[i] += behind
    for i in range(size + 1):
        if i < low or i > high:
            scores[i] = -np.inf
    return True


@inner
def _walk(
    first: IntArray,
    count: IntArray,
    child: IntArray,
    node: IntArray,
    done: BoolArray,
    shrunk: FloatArray,
    y: int,
    place: IntArray,
    end: int,
    extra: int,
    out: FloatArray,
) -> bool:
    """``_trace`` where all nodes on the way are known, which is the rule; ``False`` where one is not."""
    here, fork = y, -1
    while True:
        start, hit = first[here], -1
        if start < 0:
            return False
        for c in range(start, start + count[here]):
            w = child[c]
            if w == extra and fork < 0:
                fork = c
            elif place[w] < end:
                hit = c
                break
        if hit < 0:
            break
        here = node[hit]
        if here < 0:
            return False
    if not done[here]:
        return False
    out[0] = out[1] = shrunk[here]
    while fork >= 0:
        here = node[fork]
        if here < 0 or first[here] < 0:
            return False
        start, fork = first[here], -1
        for c in range(start, start + count[here]):
            if place[child[c]] < end:
                fork = c
                break
        if fork < 0:
            if not done[here]:
                return False
            out[1] = shrunk[here]
    return True


@inner
def _trace(
    problem: Problem, trees: Trees, room: Room, y: int, place: IntArray, end: int, extra: int, out: FloatArray
) -> bool:
    """Score of ``y`` after the variables placed before ``end`` (0), and after ``extra`` too (1).

    ``False`` where the arrays are too small.
    """
    path = room.path
    for way in range(2):
        k = _required(problem, y, path)
        node = y
        while True:
            if trees.first[node] < 0 and not _expand(problem, trees, room, y, node, k):
                return False
            hit = -1
            for c in range(trees.first[node], trees.first[node] + trees.children[node]):
                w = trees.child[c]
                if place[w] < end or (way == 1 and w == extra):
                    hit = c
                    break
            if hit < 0:
                break
            path[k] = trees.child[hit]
            k += 1
            node = _enter(trees, hit)
            if node < 0:
                return False
        if not trees.done[node]:
            trees.shrunk[node], _ = _shrink(problem, room, y, k, trees.grown[node])
            trees.done[node] = True
        out[way] = trees.shrunk[node]
    return True


@compiled
def parents_of(
    problem: Problem, trees: Trees, room: Room, y: int, place: IntArray, end: int, out: BoolArray
) -> float:
    """Mark the parents that ``y`` has after the variables placed before ``end``, and give their score.

    The way there must be known: after a sweep that moved nothing, it is.
    """
    k = _required(problem, y, room.path)
    node = y
    while True:
        hit = -1
        for c in range(trees.first[node], trees.first[node] + trees.children[node]):
            if place[trees.child[c]] < end:
                hit = c
                break
        if hit < 0:
            break
        room.path[k] = trees.child[hit]
        k += 1
        node = trees.node[hit]
    score, k = _shrink(problem, room, y, k, trees.grown[node])
    for i in range(k):
        out[room.path[i]] = True
    return score


@inner
def _required(problem: Problem, y: int, path: IntArray) -> int:
    k = 0
    for w in range(len(problem.required)):
        if problem.required[w, y]:
            path[k] = w
            k += 1
    return k


@inner
def _enter(trees: Trees, child: int) -> int:
    """The node of a child, made when first visited; ``FULL`` where there is no room."""
    node = trees.node[child]
    if node < 0:
        node = trees.used[0]
        if node >= len(trees.first):
            return FULL
        trees.used[0] += 1
        trees.node[child] = node
        trees.first[node], trees.children[node], trees.done[node] = -1, 0, False
        trees.grown[node] = trees.gain[child]
    return int(node)


@inner
def _shrink(problem: Problem, room: Room, y: int, k: int, score: float) -> tuple[float, int]:
    """Remove parents (never required ones) one by one while that raises the score; changes ``room.path``."""
    path = room.path
    while k > 0:
        worst, top = -1, score
        for i in range(k):
            if problem.required[path[i], y]:
                continue
            trial = _local(problem, room, y, k, i)
            if trial > top:
                worst, top = i, trial
        if worst < 0:
            break
        score = top
        k -= 1
        for i in range(worst, k):
            path[i] = path[i + 1]
    return score, k


@inner
def _expand(problem: Problem, trees: Trees, room: Room, y: int, node: int, k: int) -> bool:
    """Find the additions that improve ``node``, best first."""
    p = len(problem.forbidden)
    path = room.path
    open_ = np.empty(p, np.bool_)
    for w in range(p):
        open_[w] = w != y and not problem.forbidden[w, y]
    for i in range(k):
        open_[path[i]] = False
    _close_passed(problem, trees, y, path, k, open_)
    gains = np.empty(p)
    _additions(problem, room, y, k, open_, gains)
    ranked = np.empty(p, np.int64)
    better = ZERO
    for w in range(p):
        if open_[w] and gains[w] > trees.grown[node]:
            ranked[better] = w
            better += 1
    if trees.used[1] + better > len(trees.child):
        return False
    first = trees.used[1]
    _rank(ranked, better, gains)
    for i in range(better):
        trees.child[first + i] = ranked[i]
        trees.gain[first + i] = gains[ranked[i]]
        trees.node[first + i] = -1
    trees.used[1] += better
    trees.first[node], trees.children[node] = first, better
    return True


@inner
def _rank(items: IntArray, n: int, gains: FloatArray) -> None:
    """Sort the first ``n`` items, highest gain first (Shell's sort: short to compile)."""
    gap = n // 2
    while gap > 0:
        for i in range(gap, n):
            item, j = items[i], i
            while j >= gap and gains[items[j - gap]] < gains[item]:
                items[j] = items[j - gap]
                j -= gap
            items[j] = item
        gap = gap // 2 if gap != 2 else 1


@inner
def _close_passed(problem: Problem, trees: Trees, y: int, path: IntArray, k: int, open_: BoolArray) -> None:
    """Children passed over on the way here are not available here: they would have been taken."""
    node = y
    for i in range(k):
        if problem.required[path[i], y]:
            continue
        for c in range(trees.first[node], trees.first[node] + trees.children[node]):
            if trees.child[c] == path[i]:
                node = trees.node[c]
                break
            open_[trees.child[c]] = False


@inner
def _factor(problem: Problem, room: Room, k: int) -> int:
    """Factored rows of the parents on the path into ``room.z``; how many."""
    r, z, n = problem.r, room.z, 0
    q = len(r)
    for i in range(k):
        for column in range(problem.at[room.path[i]], problem.at[room.path[i] + 1]):
            for c in range(q):
                z[n, c] = r[column, c]
            for t in range(n):
                f = z[t, column]
                for c in range(q):
                    z[n, c] -= f * z[t, c]
            pivot = z[n, column]
            scale = 1.0 / np.sqrt(pivot) if pivot > SINGULAR else 0.0
            for c in range(q):
                z[n, c] *= scale
            n += 1
    return n


@inner
def _additions(problem: Problem, room: Room, y: int, k: int, open_: BoolArray, gains: FloatArray) -> None:
    """Score of ``y`` with each open variable added to the path."""
    r, at, z = problem.r, problem.at, room.z
    n = _factor(problem, room, k)
    a, own = at[y], at[y + 1] - at[y]
    if own == 1:
        _additions_to_number(problem, room, n, a, open_, gains)
    for w in range(len(open_)):
        b, more = at[w], at[w + 1] - at[w]
        if not open_[w] or (own == 1 and more == 1):
            continue
        both = np.empty((own + more, own + more))
        for i in range(own + more):
            ci = b + i if i < more else a + i - more
            for j in range(own + more):
                cj = b + j if j < more else a + j - more
                s = r[ci, cj]
                for t in range(n):
                    s -= z[t, ci] * z[t, cj]
                both[i, j] = s
        gains[w] = _value(problem, _log_det(both, more), own * (n + more))


@inner
def _additions_to_number(
    problem: Problem, room: Room, n: int, a: int, open_: BoolArray, gains: FloatArray
) -> None:
    """The same where the variable and the added ones are single columns."""
    at, z = problem.at, room.z
    r = problem.r
    q = len(r)
    own, rest = np.empty(q), np.ones(q)
    for c in range(q):
        own[c] = r[a, c]
    for t in range(n):
        f = z[t, a]
        for c in range(q):
            own[c] -= f * z[t, c]
            rest[c] -= z[t, c] * z[t, c]
    for w in range(len(open_)):
        c = at[w]
        if open_[w] and at[w + 1] == c + 1:
            left = own[a]
            if rest[c] > SINGULAR:
                left -= own[c] * own[c] / rest[c]
            gains[w] = _value(problem, np.log(max(left, SINGULAR)), n + 1)


@inner
def _local(problem: Problem, room: Room, y: int, k: int, skip: int) -> float:
    """Score of ``y`` with the parents on the path but the one at ``skip``."""
    r, at = problem.r, problem.at
    columns, path = room.columns, room.path
    n = ZERO
    for i in range(k):
        if i != skip:
            for column in range(at[path[i]], at[path[i] + 1]):
                columns[n] = column
                n += 1
    own = at[y + 1] - at[y]
    for j in range(own):
        columns[n + j] = at[y] + j
    both = np.empty((n + own, n + own))
    for i in range(n + own):
        for j in range(i + 1):
            both[i, j] = r[columns[i], columns[j]]
            both[j, i] = both[i, j]
    return _value(problem, _log_det(both, n), own * n)


@inner
def _log_det(k: FloatArray, given: int) -> float:
    """Log determinant of the last rows of ``k`` given the first ``given``; changes ``k`` (lower triangle)."""
    out = 0.0
    for i in range(len(k)):
        for j in range(i):
            s = k[i, j]
            for t in range(j):
                s -= k[i, t] * k[j, t]
            k[i, j] = s / k[j, j] if k[j, j] > 0.0 else 0.0
        pivot = k[i, i]
        for t in range(i):
            pivot -= k[i, t] * k[i, t]
        if i >= given:
            out += np.log(max(pivot, SINGULAR))
        k[i, i] = np.sqrt(pivot) if pivot > SINGULAR else 0.0
    return out


@inner
def _value(problem: Problem, log_det: float, coefficients: int) -> float:
    return -0.5 * problem.rows * log_det - problem.penalty * coefficients
