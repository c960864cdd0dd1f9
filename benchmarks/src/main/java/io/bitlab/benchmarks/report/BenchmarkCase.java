package io.bitlab.benchmarks.report;

import io.bitlab.benchmarks.jmh.BandwidthBenchmark;
import io.bitlab.benchmarks.jmh.EmbeddingBenchmark;
import io.bitlab.benchmarks.jmh.GemmBenchmark;
import io.bitlab.benchmarks.jmh.KernelBenchmark;
import io.bitlab.benchmarks.jmh.LinearBenchmark;
import io.bitlab.benchmarks.jmh.OnnxBenchmark;
import io.bitlab.benchmarks.jmh.Shapes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One JMH benchmark with its parameters and the options of the JVM that it runs in.
 *
 * @param type the benchmark's class
 * @param method the benchmark's method
 * @param params JMH parameters by name
 * @param jvmArgs options of the JVM
 * @param warmUps number of iterations before the measured ones
 */
record BenchmarkCase(Class<?> type, String method, Map<String, String> params, List<String> jvmArgs, int warmUps) {

    /** In a fresh JVM, C2 has compiled the vector kernels for good after about 1.5 seconds of calls. */
    private static final int VECTOR_WARM_UPS = 6;
    /** C2 gets less time while all cores compute. */
    private static final int MORE_WITH_THREADS = 10;
    /** A call of the largest shapes takes a tenth of a second until C2 is done. */
    private static final int MORE_IF_LARGE = 4;
    private static final long LARGE = 20_000_000;
    private static final int WARM_UPS = 2;
    private static final int NATIVE_WARM_UPS = 1;
    /** HotSpot lowers it to what the processor has. */
    private static final int WIDEST = 512;
    private static final String HEAP = "-Xmx6g";

    BenchmarkCase {
        params = new TreeMap<>(params);
    }

    /** A kernel by its name, whose last part is the width of the vectors that its JVM needs. */
    static BenchmarkCase kernel(String name, String shape, int rows, int threads) {
        return new BenchmarkCase(KernelBenchmark.class, "multiply",
                Map.of("kernel", name, "shape", shape, "rows", "" + rows, "threads", "" + threads), jvmArgs(name),
                vectorWarmUps(shape, threads));
    }

    /** An embedding table as output head; the last part of the name is the width of the vectors. */
    static BenchmarkCase head(String name, String shape, int rows, int threads) {
        return new BenchmarkCase(EmbeddingBenchmark.class, "multiply",
                Map.of("kernel", name, "shape", shape, "rows", "" + rows, "threads", "" + threads), jvmArgs(name),
                vectorWarmUps(shape, threads));
    }

    private static int vectorWarmUps(String shape, int threads) {
        int[] sizes = Shapes.sizes(shape);
        return VECTOR_WARM_UPS + (threads > 1 ? MORE_WITH_THREADS : 0)
                + ((long) sizes[0] * sizes[1] > LARGE ? MORE_IF_LARGE : 0);
    }

    private static List<String> jvmArgs(String kernel) {
        return jvmArgs(bits(kernel));
    }

    private static int bits(String kernel) {
        return List.of(WIDEST, 256, 128).stream().filter(bits -> kernel.endsWith("-" + bits)).findFirst().orElse(0);
    }

    /** The width of vectors that the kernel needs; 0 if it needs none, or takes what there is. */
    int bits() {
        return bits(params.getOrDefault("kernel", ""));
    }

    /** The options for vectors of a width; of 0, as for scalar and plain kernels, for none. */
    static List<String> jvmArgs(int bits) {
        return bits == 0
                ? List.of(HEAP)
                : List.of(HEAP, "--add-modules", "jdk.incubator.vector", "-XX:+IgnoreUnrecognizedVMOptions",
                        "-XX:UseAVX=" + (bits == WIDEST ? 3 : bits == 256 ? 2 : 1));
    }

    /** ONNX Runtime with weights of 32, 4 or 2 bits. */
    static BenchmarkCase onnx(int bits, String shape, int rows, int threads) {
        return new BenchmarkCase(OnnxBenchmark.class, "product",
                Map.of("bits", "" + bits, "shape", shape, "rows", "" + rows, "threads", "" + threads),
                List.of(HEAP, "--enable-native-access=ALL-UNNAMED"), NATIVE_WARM_UPS);
    }

    /** A method of {@link LinearBenchmark}. */
    static BenchmarkCase linear(String method, String shape, int rows, int threads) {
        return new BenchmarkCase(LinearBenchmark.class, method,
                Map.of("shape", shape, "rows", "" + rows, "threads", "" + threads), jvmArgs(WIDEST),
                vectorWarmUps(shape, threads));
    }

    /** A method of {@link GemmBenchmark}. */
    static BenchmarkCase gemm(String method, String shape, int threads) {
        return new BenchmarkCase(GemmBenchmark.class, method, Map.of("shape", shape, "threads", "" + threads),
                jvmArgs(WIDEST), WARM_UPS);
    }

    /** The rate at which this machine reads memory. */
    static BenchmarkCase bandwidth(int threads) {
        return new BenchmarkCase(BandwidthBenchmark.class, "read", Map.of("threads", "" + threads), jvmArgs(WIDEST),
                WARM_UPS);
    }

    /** A regular expression that matches this benchmark's full name only. */
    String pattern() {
        return pattern(type, method);
    }

    static String pattern(Class<?> type, String method) {
        return "^" + (type.getName() + "." + method).replace(".", "\\.") + "$";
    }

    @Override
    public String toString() {
        return type.getSimpleName() + "." + method + " " + params;
    }
}
