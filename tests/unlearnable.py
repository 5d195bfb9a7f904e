"""Small models of every kind that forgets, for tests."""

import numpy as np

from ombud.rights.unlearn import (
    BernoulliBayes,
    CategoricalBayes,
    GaussianBayes,
    LinearRegression,
    MultinomialBayes,
    NearestNeighbours,
    ShardedEnsemble,
)
from trainers import Logistic

X = np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 2.0], [3.0, 5.0], [4.0, 1.0], [5.0, 0.0], [5.0, 0.0]])
Y = np.array([0, 0, 0, 1, 1, 1, 2])
WHO = ["ann", "bob", "cyd", "ann", "dan", "dan", "eve"]
ALL = (
    NearestNeighbours.fit(X, Y, WHO, k=1), GaussianBayes.fit(X, Y, WHO), MultinomialBayes.fit(X, Y, WHO),
    BernoulliBayes.fit(X, Y, WHO), CategoricalBayes.fit(X, Y, WHO), LinearRegression.fit(X, Y, WHO),
    ShardedEnsemble.fit(Logistic(), X, Y, WHO, shards=2, slices=2),
)  # fmt: skip
