package io.bitlab.layers.optim;

import io.bitlab.core.tensor.Tensor;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, <i>Decoupled Weight Decay Regularization</i>, 2019).
 *
 * <p>At step t: {@code p -= lr·decay·p}; {@code m = β1·m + (1-β1)·g}; {@code v = β2·v + (1-β2)·g²};
 * {@code p -= lr/(1-β1^t) · m / (sqrt(v)/sqrt(1-β2^t) + eps)}. The order of the operations is PyTorch's.
 */
public final class AdamW extends Optimizer {

    private final float beta1;
    private final float beta2;
    private final float eps;
    private final float weightDecay;
    private final float[][] mean;
    private final float[][] variance;
    private long steps;

    /**
     * With PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, weight decay 0.01.
     *
     * @param parameters the live tensors to change
     * @param learningRate size of a step
     */
    public AdamW(List<Tensor> parameters, float learningRate) {
        this(parameters, learningRate, 0.9f, 0.999f, 1e-8f, 0.01f);
    }

    /**
     * With all settings.
     *
     * @param parameters the live tensors to change
     * @param learningRate size of a step
     * @param beta1 how slowly the mean of the gradients forgets, in [0, 1)
     * @param beta2 how slowly the mean of their squares forgets, in [0, 1)
     * @param eps positive; keeps the divisor away from 0
     * @param weightDecay share of a parameter, times the learning rate, that each step takes away; 0 for plain Adam
     */
    public AdamW(List<Tensor> parameters, float learningRate, float beta1, float beta2, float eps, float weightDecay) {
        super(parameters, learningRate);
        if (!(beta1 >= 0f && beta1 < 1f && beta2 >= 0f && beta2 < 1f && eps > 0f && weightDecay >= 0f)) {
            throw new IllegalArgumentException(
                    "AdamW: beta1 " + beta1 + " and beta2 " + beta2 + " must be in [0, 1), eps "
                            + eps + " positive, weight decay " + weightDecay + " not negative");
        }
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        this.weightDecay = weightDecay;
        this.mean = new float[parameters.size()][];
        this.variance = new float[parameters.size()][];
    }

    @Override
    public void step() {
        steps++;
        float stepSize = (float) (learningRate() / (1 - StrictMath.pow(beta1, steps)));
        float rootCorrection = (float) Math.sqrt(1 - StrictMath.pow(beta2, steps));
        float kept = (float) (1 - (double) learningRate() * weightDecay);
        for (int i = 0; i < parameters().size(); i++) {
            Tensor parameter = parameters().get(i);
            if (parameter.grad() == null) {
                continue;
            }
            if (mean[i] == null) {
                mean[i] = new float[parameter.size()];
                variance[i] = new float[parameter.size()];
            }
            update(parameter.data(), parameter.grad().data(), mean[i], variance[i], stepSize, rootCorrection, kept);
        }
    }

    private void update(float[] p, float[] g, float[] m, float[] v, float stepSize, float rootCorrection, float kept) {
        for (int i = 0; i < p.length; i++) {
            m[i] = beta1 * m[i] + (1f - beta1) * g[i];
            v[i] = beta2 * v[i] + (1f - beta2) * g[i] * g[i];
            p[i] = p[i] * kept - stepSize * m[i] / ((float) Math.sqrt(v[i]) / rootCorrection + eps);
        }
    }
}
