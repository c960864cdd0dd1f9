package io.bitlab.benchmarks.report;

import io.bitlab.benchmarks.jmh.BandwidthBenchmark;
import io.bitlab.benchmarks.jmh.Shapes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The times of one benchmark case in several JVMs.
 *
 * @param benchmark class and method, joined by a dot
 * @param engine the name of what computed: a kernel, a method, or ONNX Runtime
 * @param bits bits of ONNX Runtime's weights; 0 for others
 * @param shape the benchmark's parameter; empty for reading memory
 * @param rows rows of activations
 * @param threads threads that computed
 * @param micros microseconds of a call, one value for each JVM: the median of its iterations
 * @param allocated bytes allocated in a call
 * @param read bytes of weights, or other data, that a call reads; NaN if unknown
 */
record Timing(String benchmark, String engine, int bits, String shape, int rows, int threads, double[] micros,
        double allocated, double read) {

    /** Reads an element of JMH's JSON. */
    static Timing of(Map<?, ?> json) {
        String name = (String) json.get("benchmark");
        String benchmark = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
        Map<?, ?> params = (Map<?, ?>) json.get("params");
        Map<?, ?> metric = (Map<?, ?>) json.get("primaryMetric");
        double[] micros = ((List<?>) metric.get("rawData")).stream().mapToDouble(Timing::ofIterations).toArray();
        int bits = benchmark.startsWith("Onnx") ? number(params, "bits") : 0;
        String method = benchmark.substring(benchmark.indexOf('.') + 1);
        String engine = bits > 0 ? "ONNX, " + bits + " bits" : params.get("kernel") instanceof String k ? k : method;
        return new Timing(benchmark, engine, bits, params.get("shape") instanceof String s ? s : "",
                params.containsKey("rows") ? number(params, "rows") : 1, number(params, "threads"), micros,
                secondary(json, "gc.alloc.rate.norm"),
                benchmark.startsWith("Bandwidth") ? BandwidthBenchmark.BYTES : counter(json, "weightBytes"));
    }

    private static double secondary(Map<?, ?> json, String metric) {
        return ((Map<?, ?>) json.get("secondaryMetrics")).get(metric) instanceof Map<?, ?> found
                && found.get("score") instanceof Number score ? score.doubleValue() : Double.NaN;
    }

    /** A counter that has the same value in each iteration; JMH's score would be the sum of all. */
    private static double counter(Map<?, ?> json, String metric) {
        return ((Map<?, ?>) json.get("secondaryMetrics")).get(metric) instanceof Map<?, ?> found
                && found.get("rawData") instanceof List<?> forks && forks.getFirst() instanceof List<?> iterations
                && iterations.getFirst() instanceof Number count ? count.doubleValue() : Double.NaN;
    }

    private static int number(Map<?, ?> params, String key) {
        return Integer.parseInt((String) params.get(key));
    }

    /** One JVM's time: the median of its iterations, since single ones may have been disturbed. */
    private static double ofIterations(Object times) {
        return median(((List<?>) times).stream().mapToDouble(time -> ((Number) time).doubleValue()).toArray());
    }

    /** The median of all JVMs, in microseconds. */
    double median() {
        return median(micros);
    }

    static double median(double[] times) {
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    double min() {
        return Arrays.stream(micros).min().orElseThrow();
    }

    double max() {
        return Arrays.stream(micros).max().orElseThrow();
    }

    /** Billions of multiply-adds a second; with one row of activations, billions of weights a second. */
    double rate() {
        double products = rows;
        for (int size : Shapes.sizes(shape)) {
            products *= size;
        }
        return products / median() / 1000;
    }

    /** Gigabytes of weights (or other data) read a second. */
    double readRate() {
        return read / median() / 1000;
    }

    /** Whether another timing is of the same product: shape, rows and threads. */
    boolean sameProduct(Timing other) {
        return shape.equals(other.shape) && rows == other.rows && threads == other.threads;
    }
}
