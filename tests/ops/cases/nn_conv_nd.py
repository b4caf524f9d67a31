"""Cases of core/ops/nn_conv_nd.py and nn_convolution.py. TensorFlow runs them too: see tests/ops/case.py."""

from __future__ import annotations

from tests.ops.case import OpCase, rand

X3, W3 = rand(2, 4, 5, 6, 3), rand(2, 3, 1, 3, 4)
X2, D2 = rand(2, 7, 6, 3), rand(4, 2, 3, 5)


def _nn(name, *args, **more):
    return lambda tf, *tensors: getattr(tf.nn, name)(*tensors, *args, **more)


CASES = [
    OpCase("Conv3D", _nn("conv3d", strides=[1, 1, 2, 1, 1], padding="SAME"), [X3, W3], grad=(0, 1), second=True,
           also=("Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"), golden=True, square=True,
           errors=[(lambda tf: tf.nn.conv3d(tf.zeros([1, 2, 3, 4, 5]), tf.zeros([1, 1, 1, 7, 1]), [1] * 5, "SAME"),
                    "ValueError", "5 and 7"),
                   (lambda tf: tf.nn.conv3d(tf.zeros([1, 2, 3, 4]), tf.zeros([1, 1, 1, 7, 1]), [1] * 5, "SAME"),
                    "ValueError", "rank 5")]),
    OpCase("Conv3D", _nn("conv3d", strides=[1] * 5, padding="VALID", data_format="NCDHW"),
           [rand(2, 3, 4, 5, 6), W3], label="channels first", grad=(0, 1), square=True),
    OpCase("Conv3DBackpropInputV2", lambda tf, y, w: tf.nn.conv3d_transpose(y, w, [2, 4, 5, 6, 3], [1, 1, 2, 1, 1]),
           [rand(2, 4, 3, 6, 4), W3], label="conv3d_transpose", grad=(0, 1), golden=True, square=True, names=False),
    OpCase("DepthwiseConv2dNative", _nn("depthwise_conv2d_native", [1, 2, 2, 1], "SAME"), [X2, D2], grad=(0, 1),
           second=True, also=("DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"),
           golden=True,
           errors=[(lambda tf: tf.nn.depthwise_conv2d_native(tf.zeros([1, 2, 3, 4]), tf.zeros([1, 1, 5, 2]),
                                                             [1] * 4, "SAME"), "ValueError", "4 and 5")]),
    OpCase("DepthwiseConv2dNative", _nn("depthwise_conv2d", [1, 1, 1, 1], "VALID"), [X2, rand(4, 2, 3, 1)],
           label="depthwise_conv2d", grad=(0, 1), golden=True, names=False),
    OpCase("DepthwiseConv2dNative", _nn("depthwise_conv2d", [1, 1, 1, 1], "SAME", rate=[2, 1]), [X2, D2],
           label="rates", grad=(0, 1), golden=True, names=False, unknown="none"),
    OpCase("Conv2D", _nn("separable_conv2d", [1, 1, 1, 1], "SAME"), [X2, rand(4, 3, 3, 2), rand(1, 1, 6, 5)],
           label="separable_conv2d", grad=(0, 1, 2), golden=True, names=False, square=True, unknown="dims"),
    OpCase("Conv2D", _nn("conv1d", 2, "VALID"), [rand(2, 7, 3), rand(2, 3, 4)], label="conv1d", grad=(0, 1),
           golden=True, names=False, unknown="dims", expect=None),
    OpCase("Conv2D", lambda tf, x, w: tf.nn.conv1d(tf.transpose(x, [0, 2, 1]), w, 1, "SAME", data_format="NCW"),
           [rand(2, 7, 3), rand(2, 3, 4)], label="conv1d channels first", grad=(0, 1), unknown="dims"),
    OpCase("Conv2DBackpropInput", lambda tf, y, w: tf.nn.conv2d_transpose(y, w, [2, 7, 6, 3], [1, 2, 1, 1]),
           [rand(2, 4, 6, 5), rand(4, 2, 3, 5)], label="conv2d_transpose", grad=(0, 1), second=True, golden=True,
           names=False),
    OpCase("Conv2DBackpropInput", lambda tf, y, w: tf.nn.conv1d_transpose(y, w, [2, 7, 3], 2),
           [rand(2, 4, 5), rand(2, 3, 5)], label="conv1d_transpose", grad=(0, 1), golden=True, names=False,
           unknown="dims"),
    OpCase("Conv2D", _nn("atrous_conv2d", 2, "SAME"), [X2, rand(2, 4, 3, 5)], label="atrous_conv2d", grad=(0, 1),
           golden=True, names=False, unknown="none"),
    OpCase("Conv2DBackpropInput",
           lambda tf, y, w: tf.nn.atrous_conv2d_transpose(y, w, [2, 7, 6, 3], 2, "SAME"),
           [rand(2, 7, 6, 5), rand(4, 2, 3, 5)], label="atrous_conv2d_transpose", grad=(0, 1), golden=True,
           names=False, unknown="none"),
    OpCase("Conv3D", _nn("convolution", "VALID"), [X3, W3], label="convolution", grad=(0, 1), golden=True,
           names=False, unknown="dims", square=True),
    OpCase("Conv2D", _nn("convolution", "VALID", strides=[2]), [rand(2, 7, 3), rand(2, 3, 4)],
           label="convolution of one dimension", grad=(0, 1), golden=True, names=False, unknown="dims",
           errors=[(lambda tf: tf.nn.convolution(tf.zeros([1, 5, 2]), tf.zeros([2, 2, 3]), "SAME", [2], [2]),
                    "ValueError", "strides > 1 not supported")]),
]
