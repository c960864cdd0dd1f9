package io.bitlab.benchmarks.report;

import io.bitlab.benchmarks.jmh.GemmBenchmark;
import io.bitlab.benchmarks.jmh.LinearBenchmark;
import io.bitlab.benchmarks.jmh.Shapes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One benchmark with its parameters and the JVM that it runs in.
 *
 * @param benchmark class and method
 * @param params JMH parameters by name
 * @param jvmArgs options of the JVM
 * @param warmUps iterations before the measured ones
 */
record TableCase(String benchmark, Map<String, String> params, List<String> jvmArgs, int warmUps) {

    /** Fresh JVMs need about 1.5 seconds of calls until C2 has compiled the vector kernels for good. */
    private static final int VECTOR_WARM_UPS = 6;
    /** With all cores computing, C2 gets less time. */
    private static final int MORE_WITH_THREADS = 4;
    /** Until C2 is done, a call of the largest shapes takes a tenth of a second. */
    private static final int MORE_IF_LARGE = 4;
    private static final long LARGE = 20_000_000;
    private static final int WARM_UPS = 2;
    private static final int NATIVE_WARM_UPS = 1;
    private static final String HEAP = "-Xmx6g";

    TableCase {
        params = new TreeMap<>(params);
    }

    /** A kernel by its name, in a JVM that has it: the width is the last part of the name. */
    static TableCase kernel(String name, String shape, int rows, int threads) {
        return new TableCase("KernelBenchmark.multiply",
                Map.of("kernel", name, "shape", shape, "rows", "" + rows, "threads", "" + threads), jvmArgs(name),
                vectorWarmUps(shape, threads));
    }

    /** A table of a format, at the width that the last part of its name says. */
    static TableCase table(String name, String shape, int rows, int threads) {
        return new TableCase("EmbeddingBenchmark.multiply",
                Map.of("kernel", name, "shape", shape, "rows", "" + rows, "threads", "" + threads), jvmArgs(name),
                vectorWarmUps(shape, threads));
    }

    private static int vectorWarmUps(String shape, int threads) {
        int[] sizes = Shapes.sizes(shape);
        return VECTOR_WARM_UPS + (threads > 1 ? MORE_WITH_THREADS : 0)
                + ((long) sizes[0] * sizes[1] > LARGE ? MORE_IF_LARGE : 0);
    }

    private static List<String> jvmArgs(String kernel) {
        int useAvx = kernel.endsWith("-512") ? 3 : kernel.endsWith("-256") ? 2 : kernel.endsWith("-128") ? 1 : 0;
        return useAvx == 0
                ? List.of(HEAP) // scalar and plain: as in a JVM that was started without the flag
                : List.of(HEAP, "--add-modules", "jdk.incubator.vector", "-XX:+IgnoreUnrecognizedVMOptions",
                        "-XX:UseAVX=" + useAvx);
    }

    /** ONNX Runtime with weights of 32, 4 or 2 bits. */
    static TableCase onnx(int bits, String shape, int rows, int threads) {
        return new TableCase("OnnxBenchmark.product",
                Map.of("bits", "" + bits, "shape", shape, "rows", "" + rows, "threads", "" + threads),
                List.of(HEAP, "--enable-native-access=ALL-UNNAMED"), NATIVE_WARM_UPS);
    }

    /** A method of {@link LinearBenchmark}. */
    static TableCase linear(String method, String shape, int rows, int threads) {
        return new TableCase("LinearBenchmark." + method,
                Map.of("shape", shape, "rows", "" + rows, "threads", "" + threads), jvmArgs("-512"),
                vectorWarmUps(shape, threads));
    }

    /** A method of {@link GemmBenchmark}. */
    static TableCase gemm(String method, String shape, int threads) {
        return new TableCase("GemmBenchmark." + method, Map.of("shape", shape, "threads", "" + threads),
                jvmArgs("-512"), WARM_UPS);
    }

    /** Reading memory. */
    static TableCase bandwidth(int threads) {
        return new TableCase("BandwidthBenchmark.read", Map.of("threads", "" + threads), jvmArgs("-512"), WARM_UPS);
    }

    /** The benchmark as a regular expression that matches nothing else. */
    String pattern() {
        return "^" + (TableCase.class.getPackageName() + "." + benchmark).replace(".", "\\.") + "$";
    }

    @Override
    public String toString() {
        return benchmark + " " + params;
    }
}
