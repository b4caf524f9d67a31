"""Writes tests/golden/ctc.npz: TensorFlow's CTC losses, gradients and decodings.

python tests/golden/make_ctc.py
"""

import os
from itertools import product
from pathlib import Path

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf

raw = tf.raw_ops
LABELS = [[2, 0, 1], [1, 1, 3, 3], [3], [0, 2, 2, 0, 1, 3, 0], [2, 4]]
LENGTHS = [7, 9, 2, 5, 0]


def main():
    random = np.random.RandomState(0)
    inputs = (random.randn(9, 5, 5) * 2).astype(np.float32)
    indices = np.array([(b, i) for b, row in enumerate(LABELS) for i in range(len(row))], np.int64)
    values = np.concatenate(LABELS).astype(np.int32)
    out = {"inputs": inputs}
    for collapse, merge in product((False, True), repeat=2):
        loss, gradient = raw.CTCLoss(
            inputs=inputs,
            labels_indices=indices,
            labels_values=values,
            sequence_length=LENGTHS,
            preprocess_collapse_repeated=collapse,
            ctc_merge_repeated=merge,
            ignore_longer_outputs_than_inputs=True,
        )
        out[f"loss/{int(collapse)}{int(merge)}"] = loss.numpy()
        out[f"gradient/{int(collapse)}{int(merge)}"] = gradient.numpy()
    for merge in (False, True):
        parts = raw.CTCGreedyDecoder(inputs=inputs, sequence_length=LENGTHS, merge_repeated=merge)
        for name, part in zip(("indices", "values", "shape", "score"), parts):
            out[f"greedy/{int(merge)}/{name}"] = part.numpy()
        for width, top in ((1, 1), (3, 3), (20, 2), (100, 1)):
            lengths = LENGTHS[:4] + [1] if top > 1 else LENGTHS
            found = raw.CTCBeamSearchDecoder(
                inputs=inputs, sequence_length=lengths, beam_width=width, top_paths=top, merge_repeated=merge
            )
            key = f"beam/{int(merge)}/{width}"
            for i in range(top):
                for name, part in zip(("indices", "values", "shape"), (found[0][i], found[1][i], found[2][i])):
                    out[f"{key}/{i}/{name}"] = part.numpy()
            out[f"{key}/score"] = found[3].numpy()
    np.savez_compressed(Path(__file__).with_name("ctc.npz"), **out)


if __name__ == "__main__":
    main()
