package io.bitlab.benchmarks.tools;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import java.lang.management.ManagementFactory;

/**
 * Measures how long a fresh JVM takes to the first result of a 2560 x 2560 ternary layer: start, class loading, drawing
 * and packing the weights, and one row through a kernel that is not compiled yet. {@code scripts/cold-start} runs it;
 * each run is one measurement. It has no command line, whose classes would have to be loaded too.
 */
public final class ColdStart {

    private static final int SIZE = 2560;

    private ColdStart() {
    }

    /**
     * Prints one measurement.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        long atMain = sinceStart();
        BitLinear layer = BitLinear.builder(SIZE, SIZE).build();
        layer.weight();
        long drawn = sinceStart();
        layer.eval();
        long packed = sinceStart();
        float first = layer.forward(Tensor.full(0.5f, 1, SIZE)).data()[0];
        System.out.printf(
                "kernel %s: main after %d ms, weights drawn after %d, packed after %d, first result after %d ms (%s)%n",
                layer.kernel().name(), atMain, drawn, packed, sinceStart(),
                Float.isFinite(first) ? "finite" : "NOT FINITE");
    }

    private static long sinceStart() {
        return System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    }
}
