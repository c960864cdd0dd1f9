package io.bitlab.benchmarks.tools;

import io.bitlab.benchmarks.BenchmarkCommand;
import io.bitlab.benchmarks.report.Machine;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures products on a graphics card, from int8 activations in the JVM to float results there: the launch, the copies
 * and the waiting count. One matrix may stay in the caches of the device; of many, each product reads another from its
 * memory. {@code scripts/gpu-speed} runs it.
 */
@Command(name = "gpu-speed", mixinStandardHelpOptions = true,
        description = "Measures products with ternary matrices of 6912 x 2560 on a graphics card.")
public final class GpuSpeed implements Callable<Integer> {

    private static final BitQuantConfig CONFIG = BitQuantConfig.defaults();
    private static final int OUT = 6912;
    private static final int IN = 2560;
    private static final int WARM_UP = 20;

    @Option(names = "--kernel", defaultValue = "gpu", description = "the kernel to measure; ${DEFAULT-VALUE}")
    private String name;

    @Option(names = "--rows", split = ",", defaultValue = "1,16,512",
            description = "rows of activations of a product; ${DEFAULT-VALUE}")
    private int[] rows;

    @Option(names = "--matrices", split = ",", defaultValue = "1,64",
            description = "how many matrices to multiply with in turns; ${DEFAULT-VALUE}")
    private int[] matrices;

    @Option(names = "--seconds", defaultValue = "2", description = "the time of each measurement; ${DEFAULT-VALUE}")
    private double seconds;

    private GpuSpeed() {
    }

    /**
     * Measures and prints a table.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        BenchmarkCommand.run(new GpuSpeed(), arguments);
    }

    @Override
    public Integer call() {
        if (Arrays.stream(rows).anyMatch(n -> n < 1) || Arrays.stream(matrices).anyMatch(n -> n < 1)
                || !(seconds > 0)) {
            throw new IllegalArgumentException("--rows, --matrices and --seconds: expected positive numbers");
        }
        TernaryKernel kernel = KernelRegistry.kernel(name);
        requireUsable(kernel);
        System.out.println(Machine.describe());
        KernelRegistry.explain(CONFIG, OUT, IN).stream().filter(report -> report.kernel().equals(name))
                .forEach(System.out::println);
        Random random = new Random(1);
        byte[] trits = new byte[OUT * IN];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        TernaryMatrix matrix = TernaryMatrix.of(trits, OUT, IN, new float[] {0.02f});
        System.out.println(
                "| rows | matrices | µs, median | smallest | GB/s of 2-bit weights | T multiply-adds/s |");
        System.out.println("|---|---|---|---|---|---|");
        for (int count : matrices) {
            PackedWeights[] packed = new PackedWeights[count];
            Arrays.setAll(packed, _ -> kernel.pack(matrix));
            for (int n : rows) {
                measure(packed, random, n);
                requireUsable(kernel); // else another has computed
            }
        }
        return 0;
    }

    private static void requireUsable(TernaryKernel kernel) {
        kernel.refusal(CONFIG, OUT, IN).ifPresent(reason -> {
            throw new IllegalArgumentException("the kernel " + kernel.name() + " can't be measured: " + reason);
        });
    }

    private void requireRight(TernaryMatrix matrix, Activations activations, float[] y) {
        TernaryKernel other = KernelRegistry.kernels().stream()
                .filter(kernel -> !kernel.name().equals(name) && kernel.refusal(CONFIG, OUT, IN).isEmpty()).findFirst()
                .orElseThrow();
        float[] expected = new float[y.length];
        TernaryMatmul.multiply(other.pack(matrix), activations, null, expected);
        if (!Arrays.equals(expected, y)) {
            throw new IllegalStateException("the products are wrong");
        }
    }

    private void measure(PackedWeights[] packed, Random random, int n) {
        float[] x = new float[n * IN];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        Activations activations = TernaryMatmul.quantize(x, n, IN, CONFIG, "gpu-speed");
        float[] y = new float[n * OUT];
        for (int i = 0; i < Math.max(WARM_UP, packed.length); i++) {
            TernaryMatmul.multiply(packed[i % packed.length], activations, null, y);
        }
        requireRight(packed[0].unpack(), activations, y);
        List<Long> nanos = new ArrayList<>();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (nanos.isEmpty() || System.nanoTime() < end) {
            long start = System.nanoTime();
            TernaryMatmul.multiply(packed[nanos.size() % packed.length], activations, null, y);
            nanos.add(System.nanoTime() - start);
        }
        Collections.sort(nanos);
        double median = nanos.get(nanos.size() / 2);
        System.out.printf(Locale.ROOT, "| %d | %d | %.1f | %.1f | %.1f | %.2f |%n", n, packed.length, median / 1e3,
                nanos.getFirst() / 1e3, OUT * IN / 4 / median, (double) n * OUT * IN / median / 1e3);
    }
}
