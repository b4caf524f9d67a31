"""`tf.strings`: strings under their TensorFlow 1.15 names. The ops stand in `core.ops.string_*`."""

from __future__ import annotations

from core.ops.string_codes import string_to_hash_bucket as to_hash_bucket
from core.ops.string_codes import string_to_hash_bucket_fast as to_hash_bucket_fast
from core.ops.string_codes import string_to_hash_bucket_strong as to_hash_bucket_strong
from core.ops.string_ops import as_string, reduce_join, regex_full_match, regex_replace, split, substr
from core.ops.string_ops import string_join as join
from core.ops.string_ops import string_length as length
from core.ops.string_ops import string_lower as lower
from core.ops.string_ops import string_strip as strip
from core.ops.string_ops import string_to_number as to_number
from core.ops.string_ops import string_upper as upper

__all__ = [
    "as_string", "join", "length", "lower", "reduce_join", "regex_full_match", "regex_replace", "split", "strip",
    "substr", "to_hash_bucket", "to_hash_bucket_fast", "to_hash_bucket_strong", "to_number", "upper",
]
