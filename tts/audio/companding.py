"""Mu-law companding (ITU-T G.711) to and from `n_classes` classes, for arrays and tensors alike.

With mu = n_classes - 1, a value x in [-1, 1] is compressed to f(x) = sign(x) ln(1 + mu |x|) / ln(1 + mu),
and f is rounded to the nearest of `n_classes` levels that divide [-1, 1] evenly, both ends included.
"""

import math
from typing import Any

__all__ = ["mu_law_decode", "mu_law_encode"]


def mu_law_encode(values: Any, n_classes: int = 256) -> Any:
    """The int64 class in [0, n_classes) of each value; values beyond [-1, 1] are clipped.

    Args:
        values: a numpy array or a torch tensor of any shape.
        n_classes: how many classes there are.
    """
    mu = n_classes - 1
    xp = _namespace(values)
    clipped = values.clip(-1.0, 1.0)
    compressed = xp.sign(clipped) * xp.log1p(mu * xp.abs(clipped)) / math.log1p(mu)
    rounded = xp.floor((compressed + 1.0) / 2.0 * mu + 0.5)
    return rounded.astype("int64") if hasattr(rounded, "astype") else rounded.long()


def mu_law_decode(classes: Any, n_classes: int = 256) -> Any:
    """The float32 value in [-1, 1] that each class stands for.

    Args:
        classes: a numpy array or a torch tensor of classes in [0, n_classes).
        n_classes: how many classes there are.
    """
    mu = n_classes - 1
    xp = _namespace(classes)
    levels = classes.astype("float32") if hasattr(classes, "astype") else classes.float()
    compressed = levels / mu * 2.0 - 1.0
    return xp.sign(compressed) * xp.expm1(xp.abs(compressed) * math.log1p(mu)) / mu


def _namespace(values: Any) -> Any:
    """numpy for arrays, torch for tensors: both spell these functions alike."""
    if type(values).__module__.startswith("torch"):
        import torch

        return torch
    import numpy

    return numpy
