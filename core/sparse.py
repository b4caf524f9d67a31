"""`tf.sparse`: sparse tensors under their TensorFlow 1.15 names. The ops stand in `core.ops.sparse_*`."""

from __future__ import annotations

from core.graph import SparseTensor
from core.ops.array_basic import sparse_placeholder as placeholder
from core.ops.array_order import sparse_mask as mask
from core.ops.math_segment import sparse_segment_mean as segment_mean
from core.ops.math_segment import sparse_segment_sqrt_n as segment_sqrt_n
from core.ops.math_segment import sparse_segment_sum as segment_sum
from core.ops.sparse_math import sparse_add as add
from core.ops.sparse_math import sparse_maximum as maximum
from core.ops.sparse_math import sparse_minimum as minimum
from core.ops.sparse_math import sparse_reduce_max as reduce_max
from core.ops.sparse_math import sparse_reduce_max_sparse as reduce_max_sparse
from core.ops.sparse_math import sparse_reduce_sum as reduce_sum
from core.ops.sparse_math import sparse_reduce_sum_sparse as reduce_sum_sparse
from core.ops.sparse_math import sparse_softmax as softmax
from core.ops.sparse_math import sparse_tensor_dense_matmul as sparse_dense_matmul
from core.ops.sparse_more import sparse_expand_dims as expand_dims
from core.ops.sparse_more import sparse_eye as eye
from core.ops.sparse_more import sparse_fill_empty_rows as fill_empty_rows
from core.ops.sparse_more import sparse_merge as merge
from core.ops.sparse_more import sparse_reset_shape as reset_shape
from core.ops.sparse_more import sparse_retain as retain
from core.ops.sparse_more import sparse_slice as slice
from core.ops.sparse_more import sparse_to_indicator as to_indicator
from core.ops.sparse_more import sparse_transpose as transpose
from core.ops.sparse_ops import from_dense
from core.ops.sparse_ops import sparse_concat as concat
from core.ops.sparse_ops import sparse_reorder as reorder
from core.ops.sparse_ops import sparse_reshape as reshape
from core.ops.sparse_ops import sparse_split as split
from core.ops.sparse_ops import sparse_tensor_to_dense as to_dense

__all__ = [
    "SparseTensor", "add", "concat", "expand_dims", "eye", "fill_empty_rows", "from_dense", "mask", "matmul",
    "maximum", "merge", "minimum", "placeholder", "reduce_max", "reduce_max_sparse", "reduce_sum",
    "reduce_sum_sparse", "reorder", "reset_shape", "reshape", "retain", "segment_mean", "segment_sqrt_n",
    "segment_sum", "slice", "softmax", "sparse_dense_matmul", "split", "to_dense", "to_indicator", "transpose",
]

matmul = sparse_dense_matmul
