"""Connectionist temporal classification: loss with gradient, best-path and beam decoders, as TensorFlow's CPU kernels.

Graves et al., "Connectionist temporal classification" (ICML 2006); Graves, "Supervised sequence labelling with
recurrent neural networks" (2012), chapter 7. The blank is the last class. The loss runs over the time steps once
forward and once backward, all sequences and states of a step together; the beam search keeps its beams in arrays.

Must not import core.graph, core.ops or anything above them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidArgumentError

__all__ = ["ctc_beam_search_decoder", "ctc_greedy_decoder", "ctc_loss"]

Sparse = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def _log_softmax(inputs: NDArray[Any]) -> NDArray[np.float64]:
    wide = inputs.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    wide -= np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    return wide


def _checked(inputs: NDArray[Any], sequence_length: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    inputs, lengths = np.asarray(inputs), np.asarray(sequence_length).astype(np.int64)
    if inputs.ndim != 3:
        raise InvalidArgumentError(None, None, f"inputs is not a 3-Tensor, but of shape {inputs.shape}")
    if lengths.shape != (inputs.shape[1],):
        raise InvalidArgumentError(
            None, None, f"len(sequence_length) != batch_size: {lengths.shape} vs. {inputs.shape[1]}"
        )
    for b, length in enumerate(lengths.tolist()):
        if length < 0:
            raise InvalidArgumentError(None, None, f"seq_len({b}) < 0")
        if length > inputs.shape[0]:
            raise InvalidArgumentError(None, None, f"seq_len({b}) > {inputs.shape[0]}")
    return inputs, lengths


def _targets(
    labels: list[list[int]],
    lengths: NDArray[np.int64],
    blank: int,
    collapse: bool,
    ignore_longer: bool,
) -> list[list[int]]:
    """The labels without what ends them, after TensorFlow's checks."""
    out = []
    for b, given in enumerate(labels):
        if not given:
            raise InvalidArgumentError(None, None, f"Labels length is zero in batch {b}")
        target: list[int] = []
        finished = False
        for i, label in enumerate(given):
            if collapse and i and label == given[i - 1]:
                continue
            if label >= blank:
                finished = True
            elif finished:
                raise InvalidArgumentError(
                    None,
                    None,
                    f"Saw a non-null label (index >= num_classes - 1) following a null label, batch: {b} "
                    f"num_classes: {blank + 1} labels: {','.join(map(str, given))}",
                )
            elif label < 0:
                raise InvalidArgumentError(None, None, f"All labels must be nonnegative integers, batch: {b}")
            else:
                target.append(label)
        if not ignore_longer and len(given) > lengths[b]:
            raise InvalidArgumentError(
                None,
                None,
                f"Not enough time for target transition sequence (required: {len(given)}, available: {lengths[b]}){b}"
                "You can turn this error into a warning by using the flag ignore_longer_outputs_than_inputs",
            )
        out.append(target)
    return out


def ctc_loss(
    inputs: NDArray[Any],
    labels_indices: NDArray[Any],
    labels_values: NDArray[Any],
    sequence_length: NDArray[Any],
    preprocess_collapse_repeated: bool = False,
    ctc_merge_repeated: bool = True,
    ignore_longer_outputs_than_inputs: bool = False,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Negative log-probability of the labels, and its gradient: the kernel of CTCLoss.

    Args:
      inputs: float array (time, batch, classes), unnormalised; the last class is the blank.
      labels_indices: int array (n, 2): batch, position.
      labels_values: int array (n,): the labels, below classes - 1.
      sequence_length: int array (batch,).
      preprocess_collapse_repeated: merge equal neighbours of the labels first.
      ctc_merge_repeated: merge equal neighbours of a path that no blank parts, as CTC does.
      ignore_longer_outputs_than_inputs: loss and gradient 0 for labels longer than the input, instead of an error.

    Returns:
      Loss (batch,) and the gradient for inputs, in the dtype of inputs.

    Raises:
      InvalidArgumentError: lengths or labels that do not fit.
    """
    inputs, lengths = _checked(inputs, sequence_length)
    steps, batch, classes = inputs.shape
    blank = classes - 1
    given: list[list[int]] = [[] for _ in range(batch)]
    for (b, _), value in zip(np.asarray(labels_indices).tolist(), np.asarray(labels_values).tolist()):
        if not 0 <= b < batch:
            raise InvalidArgumentError(None, None, f"labels batch index {b} is not between 0 and {batch}")
        given[b].append(int(value))
    targets = _targets(given, lengths, blank, preprocess_collapse_repeated, ignore_longer_outputs_than_inputs)
    longer = np.array([len(labels) for labels in given]) > lengths
    active = (lengths > 0) & ~(longer & ignore_longer_outputs_than_inputs)
    loss, gradient = np.zeros(batch, inputs.dtype), np.zeros(inputs.shape, inputs.dtype)
    if not active.any():
        return loss, gradient
    sizes = np.array([2 * len(target) + 1 for target in targets])
    states = np.full((batch, int(sizes.max())), blank)
    for b, target in enumerate(targets):
        states[b, 1 : sizes[b] : 2] = target
    log_y = _log_softmax(inputs)
    emitted = np.take_along_axis(log_y, np.broadcast_to(states, (steps, *states.shape)), axis=2)
    stay = np.where(ctc_merge_repeated | (states == blank), 0.0, -np.inf)
    hop = np.full(states.shape, -np.inf)  # into state u from u - 2
    same = states[:, 2:] == states[:, :-2]
    hop[:, 2:][(states[:, 2:] != blank) & ~(same & ctc_merge_repeated)] = 0
    with np.errstate(invalid="ignore", over="ignore"):
        alpha, beta = _passes(emitted, states, sizes, lengths, stay, hop)
        joint = alpha + beta
        log_p = np.logaddexp.reduce(joint[0], axis=1)
        share = np.exp(joint - log_p[:, None])
    share = np.where(np.isfinite(log_p)[:, None], share, 0)  # no path: the gradient is the softmax alone
    here = np.arange(steps)[:, None] < lengths
    share *= here[:, :, None]
    place = (np.arange(steps)[:, None, None] * batch + np.arange(batch)[:, None]) * classes + states
    taken = np.bincount(place.ravel(), share.ravel(), steps * batch * classes).reshape(inputs.shape)
    mask = here & active
    gradient[mask] = (np.exp(log_y) - taken)[mask]
    loss[active] = -log_p[active]
    return loss, gradient


def _passes(
    emitted: NDArray[np.float64],
    states: NDArray[np.intp],
    sizes: NDArray[np.intp],
    lengths: NDArray[np.int64],
    stay: NDArray[np.float64],
    hop: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log-probabilities (time, batch, states) of getting to a state and of going on from it to the end."""
    steps, _, width = emitted.shape
    alpha, beta = np.full(emitted.shape, -np.inf), np.full(emitted.shape, -np.inf)
    alpha[0, :, :2] = emitted[0, :, :2]
    for t in range(1, steps):
        before, now = alpha[t - 1], alpha[t - 1] + stay
        now[:, 1:] = np.logaddexp(now[:, 1:], before[:, :-1])
        now[:, 2:] = np.logaddexp(now[:, 2:], before[:, :-2] + hop[:, 2:])
        alpha[t] = now + emitted[t]
    numbers = np.arange(width)
    last: NDArray[np.bool_] = (numbers >= (sizes - 2)[:, None]) & (numbers < sizes[:, None])
    final = np.where(last, 0.0, -np.inf)
    for t in range(steps - 1, -1, -1):
        if t + 1 < steps:
            after = beta[t + 1] + emitted[t + 1]
            now = after + stay
            now[:, :-1] = np.logaddexp(now[:, :-1], after[:, 1:])
            now[:, :-2] = np.logaddexp(now[:, :-2], after[:, 2:] + hop[:, 2:])
            beta[t] = now
        ending, inside = np.equal(lengths, t + 1), np.less(t, lengths)
        beta[t] = np.where(ending[:, None], final, np.where(inside[:, None], beta[t], -np.inf))
    return alpha, beta


def _sparse(paths: Sequence[Sequence[int]]) -> Sparse:
    """Paths, one a batch entry, as the parts of a SparseTensor."""
    indices = [(b, i) for b, path in enumerate(paths) for i in range(len(path))]
    values = [label for path in paths for label in path]
    longest = max((len(path) for path in paths), default=0)
    return (
        np.array(indices, np.int64).reshape(-1, 2),
        np.array(values, np.int64),
        np.array([len(paths), longest], np.int64),
    )


def ctc_greedy_decoder(
    inputs: NDArray[Any], sequence_length: NDArray[Any], merge_repeated: bool = True, blank_index: int = -1
) -> tuple[Sparse, NDArray[Any]]:
    """The labels of the most probable class at each step: the kernel of CTCGreedyDecoder.

    Args:
      inputs: float array (time, batch, classes).
      sequence_length: int array (batch,).
      merge_repeated: merge equal neighbours that no blank parts.
      blank_index: the blank; a negative one counts from the last class.

    Returns:
      (indices, values, shape) of the decoded labels, and the negative sum of the largest inputs, (batch, 1).

    Raises:
      InvalidArgumentError: lengths that do not fit.
    """
    inputs, lengths = _checked(inputs, sequence_length)
    steps, batch, classes = inputs.shape
    blank = blank_index % classes
    best = inputs.argmax(axis=2)
    here = np.arange(steps)[:, None] < lengths
    kept = here & (best != blank)
    if merge_repeated and steps:
        kept[1:] &= best[1:] != best[:-1]
    paths = [best[kept[:, b], b].tolist() for b in range(batch)]
    score = -(inputs.max(axis=2) * here).sum(axis=0, dtype=inputs.dtype)[:, None]
    return _sparse(paths), score


class _Beams:
    """The tree of prefixes of one sequence and the beams that are alive, best first."""

    def __init__(self, width: int, classes: int, dtype: np.dtype[Any]) -> None:
        self.width, self.blank = width, classes - 1
        self.parents, self.labels = [-1], [-1]  # by node; node 0 is the empty prefix
        self._children: dict[tuple[int, int], int] = {}
        self.nodes = np.zeros(1, np.intp)
        self.total, self.by_blank = np.zeros(1, dtype), np.zeros(1, dtype)
        self.by_label = np.full(1, -np.inf, dtype)

    def step(self, log_y: NDArray[Any]) -> None:
        """Take one time step with these log-probabilities of the classes."""
        count = self.nodes.size
        place = {int(node): i for i, node in enumerate(self.nodes)}
        parent = np.array([place.get(self.parents[node], -1) for node in self.nodes], np.intp)
        label = np.array([self.labels[node] for node in self.nodes], np.intp)
        rooted, own = parent >= 0, label >= 0
        before = np.where(label == label[parent], self.by_blank[parent], self.total[parent])
        came = np.where(rooted, before, -np.inf).astype(log_y.dtype)
        new_label = np.where(own, np.logaddexp(self.by_label, came) + log_y[label], -np.inf).astype(log_y.dtype)
        new_blank = self.total + log_y[self.blank]
        new_total = np.logaddexp(new_blank, new_label)
        # Every beam may grow by every label; what grows into a beam that is alive was counted above.
        grown = self.total[:, None] + log_y[None, : self.blank]
        grown[own, label[own]] = self.by_blank[own] + log_y[label[own]]
        grown[parent[rooted], label[rooted]] = -np.inf
        every = np.concatenate([new_total, grown.ravel()])
        if every.size > self.width:
            chosen = np.sort(np.argpartition(-every, self.width - 1)[: self.width])
        else:
            chosen = np.arange(every.size)
        chosen = chosen[every[chosen] > -np.inf]
        chosen = chosen[np.argsort(-every[chosen], kind="stable")]
        nodes = []
        for index in chosen.tolist():
            if index < count:
                nodes.append(int(self.nodes[index]))
            else:
                source, mark = divmod(index - count, self.blank)
                nodes.append(self._child(int(self.nodes[source]), mark))
        old = chosen < count
        kept = np.where(old, chosen, 0)
        self.nodes = np.array(nodes, np.intp)
        self.total = every[chosen]
        self.by_blank = np.where(old, new_blank[kept], -np.inf).astype(log_y.dtype)
        self.by_label = np.where(old, new_label[kept], self.total).astype(log_y.dtype)

    def _child(self, node: int, label: int) -> int:
        child = self._children.get((node, label))
        if child is None:
            child = self._children[node, label] = len(self.parents)
            self.parents.append(node)
            self.labels.append(label)
        return child

    def path(self, node: int, merge_repeated: bool) -> list[int]:
        out: list[int] = []
        previous = -1
        while node > 0:
            if not merge_repeated or self.labels[node] != previous:
                out.append(self.labels[node])
            previous, node = self.labels[node], self.parents[node]
        return out[::-1]


def ctc_beam_search_decoder(
    inputs: NDArray[Any],
    sequence_length: NDArray[Any],
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
) -> tuple[list[Sparse], NDArray[Any]]:
    """The most probable label sequences by a beam search over prefixes: the kernel of CTCBeamSearchDecoder.

    Args:
      inputs: float array (time, batch, classes), unnormalised; the last class is the blank.
      sequence_length: int array (batch,).
      beam_width: prefixes kept at each step.
      top_paths: sequences returned for each batch entry.
      merge_repeated: merge equal neighbours in the result (not what CTC means, but TensorFlow's default).

    Returns:
      For each path (indices, values, shape), and the log-probabilities (batch, top_paths).

    Raises:
      InvalidArgumentError: lengths that do not fit, or fewer beams than paths.
    """
    inputs, lengths = _checked(inputs, sequence_length)
    batch, classes = inputs.shape[1:]
    if top_paths > beam_width:
        raise InvalidArgumentError(None, None, "requested more paths than the beam width.")
    log_y = _log_softmax(inputs).astype(inputs.dtype)
    paths: list[list[list[int]]] = [[] for _ in range(top_paths)]
    scores = np.empty((batch, top_paths), inputs.dtype)
    for b in range(batch):
        beams = _Beams(int(beam_width), classes, inputs.dtype)
        for t in range(int(lengths[b])):
            beams.step(log_y[t, b])
        if beams.nodes.size < top_paths:
            raise InvalidArgumentError(None, None, "Less leaves in the beam search than requested.")
        for i in range(top_paths):
            paths[i].append(beams.path(int(beams.nodes[i]), merge_repeated))
        scores[b] = beams.total[:top_paths]
    return [_sparse(group) for group in paths], scores
