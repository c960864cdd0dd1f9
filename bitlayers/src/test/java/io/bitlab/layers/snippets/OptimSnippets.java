package io.bitlab.layers.snippets;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.loss.CrossEntropy;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.GradientClipping;
import io.bitlab.layers.optim.GradientException;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.OptimizerState;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.SGD;
import io.bitlab.layers.optim.Schedule;
import java.util.List;

/** Code in the Javadoc of {@code io.bitlab.layers.optim}; {@code SnippetsTest} runs it. */
final class OptimSnippets {

    private OptimSnippets() {
    }

    private static Layer network() {
        return new Sequential(BitLinear.builder(8, 16).build(), new ReLU(), BitLinear.builder(16, 3).build());
    }

    static void step() {
        Layer model = network();
        Tensor x = Tensor.randn(1, 4, 8);
        int[] labels = {0, 1, 2, 0};
        // @start region="step"
        AdamW optimizer = new AdamW(model.parameters(), 1e-3f);
        Tensor loss = new CrossEntropy().forward(model.forward(x), labels);
        loss.backward();
        GradientClipping.byNorm(optimizer.parameters(), 1f);
        optimizer.step();
        optimizer.zeroGrad();
        // @end
    }

    static void recipe() {
        Layer model = network();
        long steps = 1000;
        long step = 0;
        // @start region="recipe"
        AdamW optimizer = AdamW.builder().groups(ParameterGroup.splitByRank(model)).betas(0.9f, 0.95f).build();
        Schedule rate = Schedule.twoStage().withWarmUp(375);
        Schedule decay = Schedule.firstHalf().withWarmUp(375);
        // before each step:
        optimizer.learningRate(1.5e-3f * rate.factor(step, steps));
        optimizer.weightDecay(0.1f * decay.factor(step, steps));
        // @end
    }

    static void adamW() {
        Layer model = network();
        // @start region="adamW"
        AdamW optimizer = AdamW.builder().groups(ParameterGroup.splitByRank(model))
                .learningRate(1.5e-3f).betas(0.9f, 0.95f).weightDecay(0.1f).build();
        // @end
        optimizer.step();
    }

    static void sgd() {
        Layer model = network();
        // @start region="sgd"
        SGD optimizer = SGD.builder().parameters(model.parameters()).learningRate(0.1f).momentum(0.9f).build();
        // @end
        optimizer.step();
    }

    static void groups() {
        Layer model = network();
        // @start region="groups"
        List<ParameterGroup> groups = ParameterGroup.splitByRank(model); // with and without weight decay
        ParameterGroup slow = ParameterGroup.of(model.children().get("0").parameters()).withLearningRateFactor(0.1f);
        // @end
        AdamW.builder().groups(groups).build();
        AdamW.builder().group(slow).build();
    }

    static void schedule() {
        Layer model = network();
        AdamW optimizer = new AdamW(model.parameters(), 1e-3f);
        long steps = 1000;
        // @start region="schedule"
        Schedule schedule = Schedule.cosine().downTo(0.1f).withWarmUp(100);
        for (long step = 0; step < steps; step++) {
            optimizer.learningRate(1e-3f * schedule.factor(step, steps));
            // forward, backward and optimizer.step()
        }
        // @end
    }

    static void clipping() {
        Optimizer optimizer = new AdamW(network().parameters(), 1e-3f);
        // @start region="clipping"
        float norm = GradientClipping.byNorm(optimizer.parameters(), 1f);
        optimizer.step();
        // @end
        System.out.println(norm);
    }

    static void state() {
        Layer model = network();
        Optimizer optimizer = new AdamW(model.parameters(), 1e-3f);
        // @start region="state"
        OptimizerState state = optimizer.state();
        Optimizer resumed = new AdamW(model.parameters(), 1e-3f); // the same settings
        resumed.loadState(state);
        // @end
    }

    static void gradientException() {
        Optimizer optimizer = new AdamW(network().parameters(), 1e-3f);
        // @start region="gradientException"
        try {
            optimizer.step();
        } catch (GradientException e) {
            optimizer.zeroGrad(); // skips this step
            System.out.println(e.getMessage());
        }
        // @end
    }

    // @start region="optimizer"
    /** Changes each parameter by the sign of its gradient. */
    static final class SignDescent extends Optimizer {
        SignDescent(List<Tensor> parameters, float learningRate) {
            super(List.of(ParameterGroup.of(parameters)), learningRate, 0f);
        }

        @Override
        protected void update(float[] p, float[] g, float[][] memory, long step, float rate, float decay) {
            for (int i = 0; i < p.length; i++) {
                p[i] -= rate * Math.signum(g[i]);
            }
        }
    }
    // @end

    static void optimizer() {
        new SignDescent(network().parameters(), 1e-3f).step();
    }
}
