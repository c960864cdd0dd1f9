package io.bitlab.layers;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import java.util.function.Supplier;

/** Repeats a computation until the just-in-time compilers of the JVM no longer make it faster. */
final class JitWarmUp {

    private static final long LIMIT_NANOS = 2_000_000_000L;
    private static final long ROUND_NANOS = 50_000_000L;
    /** Number of rounds without a faster call after which it stops. */
    private static final int PATIENCE = 4;

    private JitWarmUp() {
    }

    /** Repeats an evaluation of a layer. */
    static void run(Layer layer, Tensor example) {
        if (layer.mode() == Layer.Mode.TRAIN) {
            throw new IllegalStateException(
                    "warmUp(): " + layer.describeWithPath() + " is in training; call eval() first");
        }
        run(() -> layer.forward(example));
    }

    static void run(Supplier<Tensor> computation) {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        long best = Long.MAX_VALUE;
        int roundsWithoutGain = 0;
        while (roundsWithoutGain < PATIENCE && System.nanoTime() < deadline) {
            long fastest = fastestOfRound(computation);
            roundsWithoutGain = fastest < 0.95 * best ? 0 : roundsWithoutGain + 1;
            best = Math.min(best, fastest);
        }
    }

    private static long fastestOfRound(Supplier<Tensor> computation) {
        Workspace workspace = new Workspace();
        long end = System.nanoTime() + ROUND_NANOS;
        long fastest = Long.MAX_VALUE;
        for (long start = System.nanoTime(); start < end; start = System.nanoTime()) {
            workspace.call(() -> Autograd.noGrad(computation));
            fastest = Math.min(fastest, System.nanoTime() - start);
            workspace.reset();
        }
        return fastest;
    }
}
