"""A small made-up corpus whose labels follow from its words."""

import numpy as np

from models.text_examples import HEADS, TextExamples

WORDS = ("rage", "soon", "yuck", "dread", "delight", "grief", "gasp", "loyal")
"""One word that gives each of the eight emotions away."""


def make_examples(count: int = 320) -> TextExamples:
    """Lines of random letters, each with one tell-tale word; every fifth one is rated, every seventh neutral."""
    generator = np.random.default_rng(3)
    fillers = ["".join(generator.choice(list("abcdefgh"), 5)) for _ in range(60)]
    targets = {head: np.zeros((count, len(names)), np.float32) for head, names in HEADS.items()}
    weights = {head: np.zeros(count, np.float32) for head in HEADS}
    lines = []
    for row in range(count):
        emotion = row % 8
        lines.append(" ".join([*generator.choice(fillers, 3), WORDS[emotion]]))
        targets["emotions"][row, emotion] = 1
        weights["emotions"][row] = 1
        targets["ratings"][row] = 0.5 if emotion == 4 else -0.5
        weights["ratings"][row] = row % 5 == 0
        targets["comments"][row, emotion] = 1
        weights["comments"][row] = row % 3 == 0
        if row % 7 == 0:
            lines[-1] = " ".join(generator.choice(fillers, 4))
            targets["neutral"][row] = 1
            weights["emotions"][row] = 0
        weights["neutral"][row] = 1
    split = np.array(["train", "train", "train", "dev", "test"])[generator.integers(0, 5, count)]
    return TextExamples(lines=tuple(lines), targets=targets, weights=weights, split=split)
