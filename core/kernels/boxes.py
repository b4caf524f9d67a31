"""Non-maximum suppression: which of many overlapping boxes to keep, by TensorFlow's rules.

Must not import core.graph, core.ops or anything above them.
"""

import heapq
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["intersection_over_union", "non_max_suppression", "non_max_suppression_with_overlaps"]


def _sorted_corners(boxes: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    boxes = np.asarray(boxes).astype(np.float32, copy=False)
    low = np.minimum(boxes[:, :2], boxes[:, 2:])
    high = np.maximum(boxes[:, :2], boxes[:, 2:])
    return low, high, (high[:, 0] - low[:, 0]) * (high[:, 1] - low[:, 1])


def intersection_over_union(boxes: NDArray[Any]) -> Callable[[int, NDArray[np.intp]], NDArray[np.float32]]:
    """The overlap of box i with some others, 0 where either is empty.

    Args:
      boxes: float array (n, 4): two opposite corners y, x in any order.

    Returns:
      A function of i and the numbers of the others.
    """
    low, high, area = _sorted_corners(boxes)

    def overlap(i: int, others: NDArray[np.intp]) -> NDArray[np.float32]:
        sides = np.minimum(high[i], high[others]) - np.maximum(low[i], low[others])
        common = np.maximum(sides[:, 0], 0) * np.maximum(sides[:, 1], 0)
        valid = (area[i] > 0) & (area[others] > 0)
        whole = np.where(valid, area[i] + area[others] - common, 1)
        return np.where(valid, common / whole, np.float32(0))

    return overlap


def _hard(
    overlap: Callable[[int, NDArray[np.intp]], NDArray[np.float32]],
    scores: NDArray[Any],
    limit: int,
    threshold: float,
    floor: float,
) -> NDArray[np.int32]:
    order = np.argsort(-scores, kind="stable")  # of equal scores the first box
    order = order[scores[order] > floor]
    kept: list[int] = []
    while order.size and len(kept) < limit:
        best = int(order[0])
        kept.append(best)
        order = order[1:]
        order = order[~(overlap(best, order) > np.float32(threshold))]
    return np.array(kept, np.int32)


def _soft(
    overlap: Callable[[int, NDArray[np.intp]], NDArray[np.float32]],
    scores: NDArray[Any],
    limit: int,
    threshold: float,
    floor: float,
    sigma: float,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Scores fall with the overlap with boxes already chosen (Bodla et al., "Soft-NMS", ICCV 2017)."""
    factor = np.float32(-0.5) / np.float32(sigma)
    heap = [(-float(s), i, 0) for i, s in enumerate(scores) if s > floor]
    heapq.heapify(heap)
    kept: list[int] = []
    values: list[float] = []
    while heap and len(kept) < limit:
        negative, i, seen = heapq.heappop(heap)
        score = before = np.float32(-negative)
        for similar in overlap(i, np.array(kept[seen:][::-1], np.intp)):
            score *= np.exp(factor * similar * similar) if similar <= np.float32(threshold) else np.float32(0)
            if score <= floor:
                break
        if score == before:
            kept.append(i)
            values.append(float(score))
        elif score > floor:
            heapq.heappush(heap, (-float(score), i, len(kept)))
    return np.array(kept, np.int32), np.array(values, np.float32)


def non_max_suppression(
    boxes: NDArray[Any],
    scores: NDArray[Any],
    max_output_size: int,
    iou_threshold: float = 0.5,
    score_threshold: float = -np.inf,
    soft_nms_sigma: float = 0.0,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Greedily the best boxes that do not overlap a better one: the kernel of NonMaxSuppressionV2 to V5.

    Args:
      boxes: float array (n, 4): two opposite corners y, x.
      scores: float array (n,).
      max_output_size: how many at most.
      iou_threshold: boxes that overlap a chosen one by more are left out.
      score_threshold: only boxes with a higher score are looked at.
      soft_nms_sigma: above 0, overlapping boxes lose score instead of being left out.

    Returns:
      Numbers of the chosen boxes, best first (int32), and their scores.
    """
    scores = np.asarray(scores).astype(np.float32, copy=False)
    overlap = intersection_over_union(boxes)
    if soft_nms_sigma > 0:
        return _soft(overlap, scores, int(max_output_size), iou_threshold, score_threshold, soft_nms_sigma)
    kept = _hard(overlap, scores, int(max_output_size), iou_threshold, score_threshold)
    return kept, scores[kept]


def non_max_suppression_with_overlaps(
    overlaps: NDArray[Any],
    scores: NDArray[Any],
    max_output_size: int,
    overlap_threshold: float = 0.5,
    score_threshold: float = -np.inf,
) -> NDArray[np.int32]:
    """`non_max_suppression` with given overlaps[box, chosen box] (n, n); returns the numbers of the chosen boxes."""
    overlaps = np.asarray(overlaps)
    scores = np.asarray(scores).astype(np.float32, copy=False)
    return _hard(
        lambda i, others: overlaps[others, i], scores, int(max_output_size), overlap_threshold, score_threshold
    )
