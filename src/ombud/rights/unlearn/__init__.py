"""Exact unlearning: models from which a person's rows can be taken out as if they had never been in them."""

from ombud.rights.unlearn.adopt import adopt
from ombud.rights.unlearn.counted import BernoulliBayes, CategoricalBayes, MultinomialBayes
from ombud.rights.unlearn.files import load, save
from ombud.rights.unlearn.forget import Unlearned, forget
from ombud.rights.unlearn.gaussian import GaussianBayes
from ombud.rights.unlearn.linear import LinearRegression
from ombud.rights.unlearn.model import digest_of
from ombud.rights.unlearn.neighbours import NearestNeighbours
from ombud.rights.unlearn.sisa import ShardedEnsemble, Trainer

__all__ = [
    "BernoulliBayes", "CategoricalBayes", "GaussianBayes", "LinearRegression", "MultinomialBayes", "NearestNeighbours",
    "ShardedEnsemble", "Trainer", "Unlearned", "adopt", "digest_of", "forget", "load", "save",
]  # fmt: skip
