"""One trial: sorts one generated list by one algorithm, and prints the time and the comparisons it took as JSON."""

import argparse
import gc
import json
import random
import sys
import time

REPEATS = 5


def insertion(a):
    """Move every element left until its left neighbour is not larger."""
    for i in range(1, len(a)):
        x = a[i]
        j = i
        while j > 0 and x < a[j - 1]:
            a[j] = a[j - 1]
            j -= 1
        a[j] = x
    return a


def shell(a):
    """Insertion sort over shrinking gaps (Shell 1959; gaps of Ciura 2001)."""
    for gap in (701, 301, 132, 57, 23, 10, 4, 1):
        for i in range(gap, len(a)):
            x = a[i]
            j = i
            while j >= gap and x < a[j - gap]:
                a[j] = a[j - gap]
                j -= gap
            a[j] = x
    return a


def merge(a):
    """Sort both halves, then merge them; stable."""
    if len(a) < 2:
        return a
    middle = len(a) // 2
    left, right = merge(a[:middle]), merge(a[middle:])
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if right[j] < left[i]:
            out.append(right[j])
            j += 1
        else:
            out.append(left[i])
            i += 1
    return out + left[i:] + right[j:]


def _sink(a, root, end):
    x = a[root]
    while (child := 2 * root + 1) < end:
        if child + 1 < end and a[child] < a[child + 1]:
            child += 1
        if not x < a[child]:
            break
        a[root] = a[child]
        root = child
    a[root] = x


def heap(a):
    """Build a heap with the largest on top, then take the top off again and again (Williams 1964)."""
    n = len(a)
    for root in range(n // 2 - 1, -1, -1):
        _sink(a, root, n)
    for end in range(n - 1, 0, -1):
        a[0], a[end] = a[end], a[0]
        _sink(a, 0, end)
    return a


def quick(a):
    """Part around the middle element, smaller part first (Hoare 1962)."""
    todo = [(0, len(a) - 1)]
    while todo:
        low, high = todo.pop()
        while low < high:
            pivot = a[(low + high) // 2]
            i, j = low, high
            while i <= j:
                while a[i] < pivot:
                    i += 1
                while pivot < a[j]:
                    j -= 1
                if i <= j:
                    a[i], a[j] = a[j], a[i]
                    i += 1
                    j -= 1
            if j - low < high - i:
                todo.append((i, high))
                high = j
            else:
                todo.append((low, j))
                low = i
    return a


ALGORITHMS = {"insertion": insertion, "shell": shell, "merge": merge, "heap": heap, "quick": quick}
ORDERS = ("random", "sorted", "reversed")


class Key:
    """A value that counts how often it is compared: every algorithm compares by `<` alone."""

    comparisons = 0
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        Key.comparisons += 1
        return self.value < other.value


def generate(order, size, seed):
    """The numbers 0 to size - 1, in the order asked for; only `random` depends on the seed."""
    values = list(range(size))
    if order == "random":
        random.Random(seed).shuffle(values)
    elif order == "reversed":
        values.reverse()
    return values


def count(sort, values):
    """Comparisons of one pass over counting keys; exits with status 1 if the result is not sorted."""
    Key.comparisons = 0
    result = [key.value for key in sort([Key(v) for v in values])]
    if result != sorted(values):
        sys.exit(f"{sort.__name__} did not sort")
    return Key.comparisons


def measure(sort, values):
    """Median seconds of REPEATS passes over plain integers, the collector of garbage at rest."""
    times = []
    gc.disable()
    for _ in range(REPEATS):
        copy = list(values)
        start = time.perf_counter()
        sort(copy)
        times.append(time.perf_counter() - start)
    gc.enable()
    return sorted(times)[REPEATS // 2]


def main():
    """Read the settings, time first, count after, print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--algorithm", choices=sorted(ALGORITHMS), required=True)
    parser.add_argument("--order", choices=ORDERS, required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    args = parser.parse_args()
    sort = ALGORITHMS[args.algorithm]
    values = generate(args.order, args.size, args.seed)
    sort_s = measure(sort, values)
    print(json.dumps({"sort_s": sort_s, "comparisons": count(sort, values)}))


if __name__ == "__main__":
    main()
