"""Cases of core/ops/quantize.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, rand

MODES = (("quint8", "MIN_COMBINED"), ("qint8", "MIN_COMBINED"), ("quint8", "MIN_FIRST"), ("qint8", "MIN_FIRST"),
         ("qint8", "SCALED"), ("quint8", "SCALED"))
LOW, HIGH = array([-1.0, -2.5, 0.0]), array([1.5, 2.0, 3.0])


def _there(tf, x, kind, mode):
    q, low, high = tf.quantization.quantize(x, -3.0, 6.0, getattr(tf, kind), mode=mode)
    return [tf.cast(q, tf.int32), low, high]


CASES = [
    *[OpCase("QuantizeV2", lambda tf, x, k=k, m=m: _there(tf, x, k, m), [rand(2, 3, low=-4, high=7)], label=f"{k} {m}",
             golden=True, unknown="none") for k, m in MODES],
    OpCase("QuantizeV2", lambda tf, x: tf.cast(tf.quantize_v2(x, 0.0, 6.0, tf.quint8)[0], tf.int32),
           [rand(3, low=0, high=6)],
           label="v2", golden=True, unknown="none"),
    *[OpCase("Dequantize", lambda tf, x, k=k, m=m: tf.quantization.dequantize(
        tf.cast(x, getattr(tf, k)), -3.0, 6.0, mode=m), [array([[0, 1, 100], [127, 50, 3]], "int32")], label=f"{k} {m}",
             golden=True, unknown="none") for k, m in MODES],
    OpCase("FakeQuantWithMinMaxArgs", lambda tf, x: [
        tf.fake_quant_with_min_max_args(x), tf.quantization.fake_quant_with_min_max_args(
            x, -1.0, 3.0, num_bits=4, narrow_range=True, name="f")], [rand(3, 4, low=-8, high=8)], golden=True,
           also=("FakeQuantWithMinMaxArgsGradient",)),
    OpCase("FakeQuantWithMinMaxArgsGradient", lambda tf, x, g: tf.fake_quant_with_min_max_args_gradient(g, x),
           [rand(3, 4, low=-8, high=8), rand(3, 4)], golden=True),
    OpCase("FakeQuantWithMinMaxVars", lambda tf, x, a, b: tf.fake_quant_with_min_max_vars(x, a, b, num_bits=5),
           [rand(3, 4, low=-3, high=3), array(-1.3), array(2.1)], golden=True),
    OpCase("FakeQuantWithMinMaxVarsGradient",
           lambda tf, x, g: tf.fake_quant_with_min_max_vars_gradient(g, x, -1.3, 2.1),
           [rand(3, 4, low=-3, high=3), rand(3, 4)], golden=True),
    OpCase("FakeQuantWithMinMaxVarsPerChannel",
           lambda tf, x: tf.fake_quant_with_min_max_vars_per_channel(x, LOW, HIGH), [rand(4, 3, low=-3, high=4)],
           golden=True),
    OpCase("FakeQuantWithMinMaxVarsPerChannelGradient",
           lambda tf, x, g: tf.fake_quant_with_min_max_vars_per_channel_gradient(g, x, LOW, HIGH),
           [rand(4, 3, low=-3, high=4), rand(4, 3)], golden=True),
    OpCase("QuantizeAndDequantizeV2", lambda tf, x: [
        tf.quantization.quantize_and_dequantize(x, -1.0, 2.0, range_given=True, num_bits=4),
        tf.quantization.quantize_and_dequantize(x, 0.0, 0.0, num_bits=5, signed_input=False),
        tf.quantization.quantize_and_dequantize(x, 0.0, 0.0, round_mode="HALF_UP", name="q")],
           [rand(3, 4, low=-3, high=3)], golden=True, names=False, tol=1e-5),
    OpCase("QuantizeAndDequantizeV3", lambda tf, x: tf.raw_ops.QuantizeAndDequantizeV3(
        input=x, input_min=-1.0, input_max=2.0, num_bits=6), [rand(3, 4, low=-3, high=3)], golden=True, names=False,
        tol=1e-5),
    OpCase("QuantizedConcat", lambda tf, x, y: [
        tf.cast(t, tf.float32) for t in tf.quantization.quantized_concat(
            0, [tf.cast(x, tf.quint8), tf.cast(y, tf.quint8)], [0.0, 0.0], [6.0, 6.0])],
           [array([[0, 1, 100]], "int32"), array([[9, 8, 7], [4, 5, 6]], "int32")], static=False,
           expect=lambda np, x, y: [np.concatenate([x, y]), 0.0, 6.0]),
]

OURS = {"QuantizedConcat": "TensorFlow 1.15 has it (with oneDNN builds too); the list of 2.21 does not"}
