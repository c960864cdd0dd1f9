package io.bitlab.layers.snippets;

import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.loss.BinaryCrossEntropy;
import io.bitlab.layers.loss.CrossEntropy;
import io.bitlab.layers.loss.KLDivergence;
import io.bitlab.layers.loss.MeanSquaredError;

/** Code in the Javadoc of {@code io.bitlab.layers.loss}; {@code SnippetsTest} runs it. */
final class LossSnippets {

    private LossSnippets() {
    }

    static void crossEntropy() {
        Layer model = BitLinear.builder(8, 3).build();
        Tensor x = Tensor.randn(1, 4, 8);
        // @start region="crossEntropy"
        CrossEntropy criterion = new CrossEntropy().withLabelSmoothing(0.1f);
        int[] labels = {0, 2, 1, CrossEntropy.DEFAULT_IGNORE_INDEX}; // the last row doesn't count
        Tensor loss = criterion.forward(model.forward(x), labels);
        loss.backward();
        // @end
    }

    static void binaryCrossEntropy() {
        Layer model = BitLinear.builder(8, 1).build();
        Tensor x = Tensor.randn(1, 3, 8);
        // @start region="binaryCrossEntropy"
        Tensor target = Tensor.of(new float[] {1, 0, 1}, 3, 1);
        Tensor loss = new BinaryCrossEntropy().forward(model.forward(x), target); // x: [3, features]
        // @end
        loss.backward();
    }

    static void meanSquaredError() {
        Layer model = BitLinear.builder(8, 1).build();
        Tensor x = Tensor.randn(1, 3, 8);
        // @start region="meanSquaredError"
        Tensor target = Tensor.of(new float[] {1.5f, -2, 0}, 3, 1);
        Tensor loss = new MeanSquaredError().forward(model.forward(x), target); // x: [3, features]
        // @end
        loss.backward();
    }

    static void klDivergence() {
        Layer student = BitLinear.builder(8, 3).build();
        Layer teacher = new Linear(8, 3);
        Tensor x = Tensor.randn(1, 4, 8);
        int[] labels = {0, 2, 1, 1};
        // @start region="klDivergence"
        Tensor logits = student.forward(x);
        Tensor soft = new KLDivergence(4f).forward(logits, Autograd.noGrad(() -> teacher.forward(x)));
        Tensor hard = new CrossEntropy().forward(logits, labels);
        soft.mul(0.9f).add(hard.mul(0.1f)).backward();
        // @end
    }
}
