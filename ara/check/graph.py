"""Cycles in a directed graph, without recursion: a graph from a file may be as deep as it likes."""

from collections.abc import Iterator, Mapping, Sequence


def cycle_edges(edges: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Edges (owner, position among its targets) that close a cycle in a depth-first walk; one for each cycle met.

    Targets that own nothing are leaves. The order of the mapping decides which edge of a cycle is named.
    """
    done: set[str] = set()
    for start in edges:
        if start in done:
            continue
        path: set[str] = {start}
        stack = [(start, iter(enumerate(edges[start])))]
        while stack:
            owner, targets = stack[-1]
            for position, target in targets:
                if target in path:
                    yield owner, position
                elif target not in done and target in edges:
                    path.add(target)
                    stack.append((target, iter(enumerate(edges[target]))))
                    break
            else:
                stack.pop()
                path.discard(owner)
                done.add(owner)
