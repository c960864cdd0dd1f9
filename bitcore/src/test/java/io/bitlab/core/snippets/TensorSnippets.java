package io.bitlab.core.snippets;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.OnDevice;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** Code that the Javadoc of {@code io.bitlab.core.tensor} shows. */
final class TensorSnippets {

    private TensorSnippets() {
    }

    static float[] backward() {
        // @start region="backward"
        Tensor w = Tensor.randn(1L, 3, 2).requiresGrad(true);
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
        Tensor loss = x.matmul(w).tanh().sum();
        loss.backward();
        float[] dw = w.grad().toArray(); // row-major [3, 2], as w
        // @end
        return dw;
    }

    static Tensor noGrad(Tensor x, Tensor w) {
        // @start region="noGrad"
        Tensor y = Autograd.noGrad(() -> x.matmul(w).relu()); // y.needsGrad() is false
        // @end
        return y;
    }

    static Tensor recycling(Tensor x, List<UnaryOperator<Tensor>> blocks) {
        // @start region="recycling"
        Tensor y = x;
        for (UnaryOperator<Tensor> block : blocks) {
            Tensor in = y;
            y = Autograd.recycling(() -> block.apply(in));
        }
        // @end
        return y;
    }

    static Tensor onDevice(Tensor x, UnaryOperator<Tensor> block) {
        // @start region="onDevice"
        Tensor y = OnDevice.keeping(() -> block.apply(x)); // the same bits as block.apply(x)
        // @end
        return y;
    }

    static int shape(Tensor x) {
        // @start region="shape"
        int axis = Shape.axis("myOperation", -1, x.shape()); // rank - 1, or a message that names the operation
        int rows = Shape.product(x.shape(), 0, axis);
        // @end
        return rows;
    }

    static Tensor channelsLast(Tensor images) {
        // @start region="channelsLast"
        Tensor pixels = ChannelsLast.pixels(images); // [n, height, width, channels]
        Tensor scaled = pixels.mul(Tensor.of(new float[] {0.3f, 0.6f, 0.1f}, 3)); // one factor for each channel
        Tensor result = ChannelsLast.images(scaled); // [n, channels, height, width]
        // @end
        return result;
    }

    // @start region="operation"
    static Tensor square(Tensor x) {
        float[] in = x.data();
        float[] y = Workspace.floats(in.length);
        for (int i = 0; i < y.length; i++) {
            y[i] = in[i] * in[i];
        }
        return Autograd.result("square", y, x.shape(), g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < g.length; i++) {
                dx[i] += g[i] * 2 * in[i];
            }
        }, x);
    }
    // @end
}
