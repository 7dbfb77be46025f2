"""One trial: trains a classifier on labels of which a share is flipped, and prints its scores on rows held out, as JSON."""

import argparse
import hashlib
import json

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

FOLDS = 5

MODELS = {
    "logistic": lambda seed: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "tree": lambda seed: DecisionTreeClassifier(random_state=seed),
    "forest": lambda seed: RandomForestClassifier(n_estimators=100, random_state=seed, n_jobs=1),
    "bayes": lambda seed: GaussianNB(),
    "neighbors": lambda seed: make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=5)),
}


def splits(labels, seed):
    """(training rows, test rows) of every fold, by row number; each part holds the classes in the same proportion."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return list(folds.split(np.zeros((len(labels), 1)), labels))


def flip(labels, share, seed):
    """A copy with `share` of the labels flipped; at one seed, a larger share flips what a smaller one does, and more."""
    order = np.random.default_rng(seed).permutation(len(labels))
    noisy = labels.copy()
    chosen = order[: round(share * len(labels))]
    noisy[chosen] = 1 - noisy[chosen]
    return noisy


def digest(*arrays):
    """SHA-256 over the bytes of the arrays, in the order given."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


def held_out(model, rows, labels, train, test, noisy):
    """Predictions for the test rows and for the training rows; neither test rows nor true labels reach the model.

    Exits with status 1 if the parts overlap, or if training changed a test row or its label.
    """
    before = digest(rows[test], labels[test])
    model.fit(rows[train], noisy)
    predicted = model.predict(rows[test])
    if np.intersect1d(train, test).size or digest(rows[test], labels[test]) != before:
        raise SystemExit("training touched the rows held out")
    return predicted, model.predict(rows[train])


def measure(name, noise, seed):
    """The metrics over all folds, and digests of what the model was trained and tested on."""
    rows, labels = load_breast_cancer(return_X_y=True)
    predicted = np.empty_like(labels)
    given, learned, true, used = [], [], [], []
    for fold, (train, test) in enumerate(splits(labels, seed)):
        noisy = flip(labels[train], noise, (seed, fold))
        predicted[test], fitted = held_out(MODELS[name](seed), rows, labels, train, test, noisy)
        given.append(noisy)
        learned.append(fitted)
        true.append(labels[train])
        used.append((digest(train), digest(noisy), digest(test, labels[test])))
    given, learned, true = (np.concatenate(part) for part in (given, learned, true))
    scores = {
        "test_accuracy": accuracy_score(labels, predicted),
        "balanced_accuracy": balanced_accuracy_score(labels, predicted),
        "train_accuracy": accuracy_score(given, learned),
        "flipped_share": np.mean(given != true),
    }
    return {metric: float(value) for metric, value in scores.items()}, used


def main():
    """Read the settings, measure, say which rows were used, print one line of metrics."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=sorted(MODELS), required=True)
    parser.add_argument("--noise", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    args = parser.parse_args()
    if not 0 <= args.noise <= 1:
        parser.error("--noise is a share, from 0 to 1")
    scores, used = measure(args.model, args.noise, args.seed % 2**32)
    for fold, (train, noisy, test) in enumerate(used):
        print(f"fold {fold}: sha256 of training rows {train}, of their labels {noisy}, of test rows and labels {test}")
    print(json.dumps(scores))


if __name__ == "__main__":
    main()
