package io.bitlab.layers;

import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.tensor.Tensor;

/**
 * The Gaussian error linear unit {@code y = x·Φ(x)}, where Φ is the standard normal distribution function (Hendrycks
 * and Gimpel, <i>Gaussian Error Linear Units</i>, 2016), elementwise. Output of the input's shape.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="gelu"}
 */
public final class GELU extends Layer {

    /** How Φ is computed. A trained model needs the form it was trained with. */
    public enum Form {
        /** By the error function: {@code Φ(x) = (1 + erf(x/√2)) / 2}; PyTorch's default. */
        EXACT,
        /** {@code Φ(x) ≈ (1 + tanh(√(2/π)·(x + 0.044715·x³))) / 2}, as in GPT-2. */
        TANH
    }

    private final Form form;

    /** Creates the exact form. */
    public GELU() {
        this(Form.EXACT);
    }

    /**
     * Creates an activation.
     *
     * @param form how Φ is computed
     */
    public GELU(Form form) {
        this.form = form;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(form == Form.EXACT ? Pointwise.gelu(x) : Pointwise.geluTanh(x));
    }

    @Override
    protected String describe() {
        return form == Form.EXACT ? "GELU" : "GELU(tanh)";
    }
}
