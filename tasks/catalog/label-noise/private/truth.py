"""Computes this folder's `truth.yaml` without curie: `python truth.py [SEEDS]` prints it. Needs scikit-learn.

Shares no code with `starter/`: folds, flips, scaling, naive Bayes, scores and intervals are written out here; logistic
regression, tree and forest are scikit-learn's, since they are what is asked about. Takes four minutes on one core.
"""  # noqa: INP001 - a script beside the data that it makes, in no package
# scikit-learn is no dependency of this package, and has no types: what it gives is not checked.
# mypy: disable-error-code="import-not-found,import-untyped,no-any-return"

import itertools
import sys
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

NOISE = (0.0, 0.1, 0.2, 0.3)
FOLDS = 5
BLOCKS = 10
THRESHOLD = 0.02
ALPHA = 0.05
STUDIES = 4000
REFERENCE = "logistic"


def folds(labels: Labels, rng: np.random.Generator) -> Labels:
    """The fold of every row: each class dealt out in turn, after a shuffle."""
    dealt = np.empty(len(labels), dtype=np.int64)
    for value in (0, 1):
        rows = rng.permutation(np.flatnonzero(labels == value))
        dealt[rows] = np.arange(len(rows)) % FOLDS
    return dealt


def standardised(train: Floats, test: Floats) -> tuple[Floats, Floats]:
    """Both parts in units of the training part's mean and standard deviation."""
    mean, sd = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / sd, (test - mean) / sd


def logistic(train: Floats, labels: Labels, test: Floats, _: int) -> Labels:
    """Logistic regression with scikit-learn's default penalty."""
    scaled, asked = standardised(train, test)
    return np.asarray(LogisticRegression(max_iter=1000).fit(scaled, labels).predict(asked))


def tree(train: Floats, labels: Labels, test: Floats, seed: int) -> Labels:
    """One tree, grown to the end."""
    return np.asarray(DecisionTreeClassifier(random_state=seed).fit(train, labels).predict(test))


def forest(train: Floats, labels: Labels, test: Floats, seed: int) -> Labels:
    """A hundred trees."""
    return np.asarray(RandomForestClassifier(n_estimators=100, random_state=seed).fit(train, labels).predict(test))


def bayes(train: Floats, labels: Labels, test: Floats, _: int) -> Labels:
    """Independent normal densities in each class."""
    scores = []
    for value in (0, 1):
        own = train[labels == value]
        variance = own.var(axis=0) + 1e-9 * train.var(axis=0).max()
        density = -0.5 * (np.log(2 * np.pi * variance) + (test - own.mean(axis=0)) ** 2 / variance).sum(axis=1)
        scores.append(density + np.log(len(own) / len(train)))
    return (scores[1] > scores[0]).astype(np.int64)


MODELS: dict[str, Callable[[Floats, Labels, Floats, int], Labels]] = {
    "logistic": logistic,
    "tree": tree,
    "forest": forest,
    "bayes": bayes,
}


def accuracies(seeds: int) -> Floats:
    """Accuracy over all rows, each held out once, by seed, noise and model."""
    rows, labels = load_breast_cancer(return_X_y=True)
    right = np.zeros((seeds, len(NOISE), len(MODELS)))
    for seed, fold in itertools.product(range(seeds), range(FOLDS)):
        dealt = folds(labels, np.random.default_rng([2026, seed]))
        train, test = np.flatnonzero(dealt != fold), np.flatnonzero(dealt == fold)
        order = np.random.default_rng([2026, seed, fold + 1]).permutation(train)
        for i, share in enumerate(NOISE):
            noisy = labels.copy()
            flipped = order[: round(share * len(train))]
            noisy[flipped] = 1 - noisy[flipped]
            for j, model in enumerate(MODELS.values()):
                predicted = model(rows[train], noisy[train], rows[test], seed)
                right[seed, i, j] += np.count_nonzero(predicted == labels[test])
    return right / len(labels)


def contrasts(table: Floats) -> Iterator[tuple[str, str, Floats]]:
    """(what is changed, in YAML; direction predicted; the difference of means by seed)."""
    for i, share in enumerate(NOISE[1:], start=1):
        yield f"noise: {share}", "lower", (table[:, i] - table[:, 0]).mean(axis=1)
    base = list(MODELS).index(REFERENCE)
    for j, model in enumerate(MODELS):
        if model != REFERENCE:
            yield f"model: {model}", "different", (table[:, :, j] - table[:, :, base]).mean(axis=1)


def shares(differences: Floats, direction: str, count: int) -> dict[str, float]:
    """How often studies of BLOCKS seeds end in each verdict, by a t interval at the strictest step of Holm's."""
    rng = np.random.default_rng(7)
    drawn = rng.choice(differences, size=(STUDIES, BLOCKS))
    half = t.ppf(1 - ALPHA / count / 2, BLOCKS - 1) * drawn.std(axis=1, ddof=1) / np.sqrt(BLOCKS)
    low, high = drawn.mean(axis=1) - half, drawn.mean(axis=1) + half
    outside = high < -THRESHOLD
    other = low > -THRESHOLD
    if direction == "different":
        outside |= low > THRESHOLD
        other &= high < THRESHOLD
    supported, refuted = float(outside.mean()), float(other.mean())
    return {"supported": supported, "refuted": refuted, "inconclusive": 1 - supported - refuted}


def main() -> None:
    """Measure, and print the truth."""
    table = accuracies(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
    out = ["cells:"]
    for i, share in enumerate(NOISE):
        for j, model in enumerate(MODELS):
            seen = table[:, i, j]
            spread = 4 * seen.std(ddof=1) / np.sqrt(BLOCKS)
            low, high = seen.mean() - spread, min(1.0, seen.mean() + spread)
            bounds = f"mean: {seen.mean():.4f}, at_least: {low:.3f}, at_most: {high:.3f}"
            out.append(f"  - {{noise: {share}, model: {model}, {bounds}}}")
    out.append("contrasts:")
    asked = list(contrasts(table))
    for changed, direction, seen in asked:
        spread = 4 * seen.std(ddof=1) / np.sqrt(BLOCKS)
        odds = shares(seen, direction, len(asked))
        verdict = max(odds, key=lambda name: odds[name])
        bounds = f"at_least: {seen.mean() - spread:.3f}, at_most: {seen.mean() + spread:.3f}"
        head = f"{changed}, metric: test_accuracy, verdict: {verdict}, share: {odds[verdict]:.2f}"
        out.append(f"  - {{{head}, mean: {seen.mean():.4f}, sd: {seen.std(ddof=1):.4f}, {bounds}}}")
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
