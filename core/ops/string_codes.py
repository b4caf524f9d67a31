"""Strings as bytes: hash buckets, base64, numbers from raw bytes."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np

from core.dtypes import DType
from core.errors import InvalidArgumentError
from core.graph import NO_GRADIENT, Tensor, apply_op, define_op
from core.kernels import hashing
from core.ops.string_ops import each
from core.shapes import TensorShape

__all__ = [
    "decode_base64", "decode_raw", "encode_base64", "string_to_hash_bucket", "string_to_hash_bucket_fast",
    "string_to_hash_bucket_strong",
]


# ---------------------------------------------------------------------- hashes


def _strong(xp: Any, x: Any, *, num_buckets: int, key: Any) -> Any:
    if len(key) != 2:
        raise InvalidArgumentError(None, None, f"Key must have 2 elements, got {list(key)}")
    return each(lambda s: hashing.siphash(s, (int(key[0]), int(key[1]))) % num_buckets, x, dtype=np.int64)


define_op("StringToHashBucketFast", "input:string", "output:int64", "num_buckets:int>=1", shape=lambda x: x.shape,
          gradient=NO_GRADIENT,
          kernel=lambda xp, x, *, num_buckets: each(lambda s: hashing.fingerprint64(s) % num_buckets, x,
                                                    dtype=np.int64))
define_op("StringToHashBucket", "string_tensor:string", "output:int64", "num_buckets:int>=1", shape=lambda x: x.shape,
          gradient=NO_GRADIENT,
          kernel=lambda xp, x, *, num_buckets: each(lambda s: hashing.hash64(s) % num_buckets, x, dtype=np.int64))
define_op("StringToHashBucketStrong", "input:string", "output:int64", "num_buckets:int>=1; key:list(int)",
          shape=lambda x: x.shape, gradient=NO_GRADIENT, kernel=_strong)


def string_to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """A bucket number for each string, by FarmHash's fingerprint.

    Args:
      input: String tensor.
      num_buckets: Number of buckets.
      name: Name of the operation.

    Returns:
      int64 Tensor of the same shape.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.string_to_hash_bucket_fast(["Hello", "TensorFlow", "2.x"], 3)))
      [0 2 2]
    """
    result: Tensor = apply_op("StringToHashBucketFast", input, num_buckets=num_buckets, name=name)
    return result


def string_to_hash_bucket(string_tensor: Any = None, num_buckets: Any = None, name: str | None = None,
                          input: Any = None) -> Tensor:
    """A bucket number for each string, by TensorFlow's first hash; arguments as of `string_to_hash_bucket_fast`.

    Example:
      >>> tf.string_to_hash_bucket(["a", "b"], 10).dtype.name
      'int64'
    """
    text = input if string_tensor is None else string_tensor
    result: Tensor = apply_op("StringToHashBucket", text, num_buckets=num_buckets, name=name)
    return result


def string_to_hash_bucket_strong(input: Any, num_buckets: int, key: Any, name: str | None = None) -> Tensor:
    """A bucket number for each string, by SipHash with a secret key of two integers.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.string_to_hash_bucket_strong(["Hello", "TF"], 3, [1, 2])))
      [2 0]
    """
    result: Tensor = apply_op("StringToHashBucketStrong", input, num_buckets=num_buckets, key=list(key), name=name)
    return result


# ---------------------------------------------------------------------- base64


def _decode(text: bytes) -> bytes:
    try:
        return base64.b64decode(text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4), b"-_", validate=True)
    except binascii.Error:
        raise InvalidArgumentError(None, None, f"Invalid character found in base64: {text!r}; web-safe letters are "
                                   "A-Z, a-z, 0-9, - and _") from None


define_op("EncodeBase64", "input:string", "output:string", "pad:bool=False", shape=lambda x: x.shape,
          gradient=NO_GRADIENT,
          kernel=lambda xp, x, *, pad: each(
              lambda s: base64.urlsafe_b64encode(s) if pad else base64.urlsafe_b64encode(s).rstrip(b"="), x))
define_op("DecodeBase64", "input:string", "output:string", "", shape=lambda x: x.shape, gradient=NO_GRADIENT,
          kernel=lambda xp, x: each(_decode, x))


def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Tensor:
    """Writes bytes in web-safe base64, with "=" at the end where `pad` says so.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.encode_base64("hello")))
      b'aGVsbG8'
    """
    result: Tensor = apply_op("EncodeBase64", input, pad=pad, name=name)
    return result


def decode_base64(input: Any, name: str | None = None) -> Tensor:
    """Reads web-safe base64, with or without "=" at the end.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.decode_base64("aGVsbG8")))
      b'hello'
    """
    result: Tensor = apply_op("DecodeBase64", input, name=name)
    return result


# ---------------------------------------------------------------------- DecodeRaw


def _raw(xp: Any, x: Any, *, out_type: DType, little_endian: bool) -> Any:
    dtype = np.dtype(out_type.np_dtype)
    x = np.asarray(x, object)
    texts = x.reshape(-1).tolist()
    length = len(texts[0]) if texts else 0
    if any(len(text) != length for text in texts):
        raise InvalidArgumentError(None, None, "DecodeRaw requires input strings to all be the same size; they have "
                                   f"sizes {sorted({len(text) for text in texts})}")
    if length % dtype.itemsize:
        raise InvalidArgumentError(None, None, f"Input to DecodeRaw has length {length} that is not a multiple of "
                                   f"{dtype.itemsize}, the size of {out_type.name}")
    values = np.frombuffer(b"".join(texts), dtype)
    if not little_endian:
        values = values.byteswap()
    return values.reshape(*x.shape, length // dtype.itemsize).copy()


def _raw_shape(x: Tensor) -> TensorShape:
    return TensorShape(None) if x.shape.ndims is None else x.shape.concatenate([None])


define_op("DecodeRaw", "bytes:string", "output:out_type", "out_type:type{half,float,double,int32,uint16,uint8,int16,"
          "int8,int64,complex64,complex128,bool,bfloat16}; little_endian:bool=True", shape=_raw_shape, kernel=_raw,
          gradient=NO_GRADIENT)


def decode_raw(input_bytes: Any = None, out_type: Any = None, little_endian: bool = True, name: str | None = None,
               bytes: Any = None) -> Tensor:
    """Reads the bytes of strings as numbers.

    Args:
      input_bytes: String tensor; all strings have one length.
      out_type: Type of the numbers.
      little_endian: Order of the bytes of a number.
      name: Name of the operation.
      bytes: Old name of `input_bytes`.

    Returns:
      Tensor with one dimension more.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.decode_raw(["ab", "cd"], tf.uint8)))
      [[ 97  98]
       [ 99 100]]
    """
    text = bytes if input_bytes is None else input_bytes
    result: Tensor = apply_op("DecodeRaw", text, out_type=out_type, little_endian=little_endian, name=name)
    return result
