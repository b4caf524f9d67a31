"""64-bit hashes of bytes: FarmHash's fingerprint, SipHash-2-4, and the Murmur-like hash that TensorFlow took first.

Must not import core.graph, core.ops or anything above them.
Sources: github.com/google/farmhash (farmhashna), Aumasson and Bernstein 2012, tensorflow/core/lib/hash/hash.cc.
"""

from __future__ import annotations

__all__ = ["fingerprint64", "hash64", "siphash"]

_M = 0xFFFFFFFFFFFFFFFF
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _rot(x: int, by: int) -> int:
    x &= _M
    return (x >> by | x << (64 - by)) & _M


def _mix(x: int) -> int:
    x &= _M
    return x ^ x >> 47


def _len16(u: int, v: int, mul: int) -> int:
    a = _mix((u ^ v) * mul)
    return _mix((v ^ a) * mul) * mul & _M


def _weak(words: tuple[int, int, int, int], a: int, b: int) -> tuple[int, int]:
    w, x, y, z = words
    a += w
    b = _rot(b + a + z, 21)
    c = a
    a += x + y
    b += _rot(a, 44)
    return (a + z) & _M, (b + c) & _M


def fingerprint64(s: bytes) -> int:
    """FarmHash's Fingerprint64."""
    n = len(s)

    def at(i: int) -> int:
        return int.from_bytes(s[i:i + 8], "little")

    mul = _K2 + n * 2 & _M
    if n <= 16:
        if n >= 8:
            a, b = at(0) + _K2 & _M, at(n - 8)
            return _len16(_rot(b, 37) * mul + a & _M, (_rot(a, 25) + b) * mul & _M, mul)
        if n >= 4:
            a = int.from_bytes(s[:4], "little")
            return _len16(n + (a << 3), int.from_bytes(s[n - 4:], "little"), mul)
        if n:
            y, z = s[0] + (s[n >> 1] << 8), n + (s[n - 1] << 2)
            return _mix(y * _K2 & _M ^ z * _K0 & _M) * _K2 & _M
        return _K2
    if n <= 32:
        a, b, c, d = at(0) * _K1, at(8), at(n - 8) * mul, at(n - 16) * _K2
        return _len16(_rot(a + b, 43) + _rot(c, 30) + d & _M, a + _rot(b + _K2, 18) + c & _M, mul)
    if n <= 64:
        a, b, c, d = at(0) * _K2, at(8), at(n - 8) * mul, at(n - 16) * _K2
        y = _rot(a + b, 43) + _rot(c, 30) + d & _M
        z = _len16(y, a + _rot(b + _K2, 18) + c & _M, mul)
        e, f, g, h = at(16) * mul, at(24), (y + at(n - 32)) * mul, (z + at(n - 24)) * mul
        return _len16(_rot(e + f, 43) + _rot(g, 30) + h & _M, e + _rot(f + a, 18) + g & _M, mul)
    x, y = 81 * _K2 + at(0) & _M, 81 * _K1 + 113 & _M
    z = _mix(y * _K2 + 113) * _K2 & _M
    v, w = (0, 0), (0, 0)
    end = (n - 1) // 64 * 64

    def four(i: int) -> tuple[int, int, int, int]:
        return at(i), at(i + 8), at(i + 16), at(i + 24)

    for i in range(0, end, 64):
        x = _rot(x + y + v[0] + at(i + 8), 37) * _K1 & _M ^ w[1]
        y = (_rot(y + v[1] + at(i + 48), 42) * _K1 + v[0] + at(i + 40)) & _M
        z = _rot(z + w[0], 33) * _K1 & _M
        v = _weak(four(i), v[1] * _K1, x + w[0])
        w = _weak(four(i + 32), z + w[1], y + at(i + 16))
        z, x = x, z
    mul = _K1 + ((z & 0xFF) << 1) & _M
    i = end + (n - 1 & 63) - 63
    w = w[0] + (n - 1 & 63) & _M, w[1]
    v = v[0] + w[0] & _M, v[1]
    w = w[0] + v[0] & _M, w[1]
    x = _rot(x + y + v[0] + at(i + 8), 37) * mul & _M ^ w[1] * 9 & _M
    y = (_rot(y + v[1] + at(i + 48), 42) * mul + v[0] * 9 + at(i + 40)) & _M
    z = _rot(z + w[0], 33) * mul & _M
    v = _weak(four(i), v[1] * mul, x + w[0])
    w = _weak(four(i + 32), z + w[1], y + at(i + 16))
    z, x = x, z
    return _len16(_len16(v[0], w[0], mul) + _mix(y) * _K0 + z & _M, _len16(v[1], w[1], mul) + x & _M, mul)


def siphash(s: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4 with a key of two 64-bit numbers."""
    k0, k1 = (k & _M for k in key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def rounds(count: int) -> None:
        for _ in range(count):
            v[0] = v[0] + v[1] & _M
            v[2] = v[2] + v[3] & _M
            v[1] = _rot(v[1], 51) ^ v[0]
            v[3] = _rot(v[3], 48) ^ v[2]
            v[0] = _rot(v[0], 32)
            v[2] = v[2] + v[1] & _M
            v[0] = v[0] + v[3] & _M
            v[1] = _rot(v[1], 47) ^ v[2]
            v[3] = _rot(v[3], 43) ^ v[0]
            v[2] = _rot(v[2], 32)

    padded = s + bytes(7 - len(s) % 8) + bytes([len(s) & 0xFF])
    for i in range(0, len(padded), 8):
        word = int.from_bytes(padded[i:i + 8], "little")
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def hash64(s: bytes, seed: int = 0xDECAFCAFFE) -> int:
    """TensorFlow's Hash64 (Murmur-like)."""
    m = 0xC6A4A7935BD1E995
    h = seed ^ len(s) * m & _M
    whole = len(s) // 8 * 8
    for i in range(0, whole, 8):
        k = int.from_bytes(s[i:i + 8], "little") * m & _M
        k = (k ^ k >> 47) * m & _M
        h = (h ^ k) * m & _M
    if len(s) > whole:
        h = (h ^ int.from_bytes(s[whole:], "little")) * m & _M
    h = (h ^ h >> 47) * m & _M
    return h ^ h >> 47
