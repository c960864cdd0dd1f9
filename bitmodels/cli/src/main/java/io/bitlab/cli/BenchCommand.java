package io.bitlab.cli;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.generate.GenerationStats;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A first look at how fast this machine is. The benchmarks of the project measure with more care. */
@Command(name = "bench", mixinStandardHelpOptions = true,
        description = "Says how fast this machine is: a ternary product, and text of a model.")
final class BenchCommand implements Callable<Integer> {

    private static final int SIZE = 2560;
    private static final int BATCH = 64;
    private static final int ROUNDS = 15;
    private static final long ROUND_NANOS = 100_000_000;

    /** What docs/benchmarks/kernels.md has for one core of an AMD EPYC (Zen 4): 512, 256 and 128 bits. */
    private static final String PUBLISHED = "one core of an AMD EPYC 9R14: 234 with 512 bits, 53 with 256, 23 with 128";

    @Mixin
    private TextOptions text;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        VectorHint.printIfSlow();
        BitQuantConfig config = BitQuantConfig.defaults();
        TernaryKernel kernel = KernelRegistry.kernelFor(config, SIZE, SIZE);
        TextGenerator generator = text.generator();
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("kernel", kernel.name());
        results.put("one_row_giga_weights_per_second", giga(kernel, config, 1));
        results.put("batch_of_64_giga_multiply_adds_per_second", giga(kernel, config, BATCH));
        try (Parallel parallel = text.parallel()) {
            results.put("batch_of_64_all_threads", parallel.call(() -> giga(kernel, config, BATCH)));
            GenerationStats stats = parallel.call(() -> {
                generator.generate("The whale ");
                return generator.generate("The whale ").stats();
            });
            results.put("tokens_per_second", stats.generatedTokensPerSecond());
        }
        if (json) {
            System.out.println(Json.compact(results));
        } else {
            results.forEach((name, value) -> System.out.printf(Locale.ROOT, "%-42s %s%n", name.replace('_', ' '),
                    value instanceof Double number ? Math.round(number) : value));
            System.out.println("published, one row: " + PUBLISHED);
        }
        return 0;
    }

    /** The median speed of a product of 2560 x 2560 weights, in billions of weights times rows a second. */
    private static double giga(TernaryKernel kernel, BitQuantConfig config, int rows) {
        CounterRandom random = new CounterRandom(1, 1);
        byte[] trits = new byte[SIZE * SIZE];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        PackedWeights weights = kernel.pack(TernaryMatrix.of(trits, SIZE, SIZE, new float[] {1f}));
        float[] x = new float[rows * SIZE];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        Activations activations = TernaryMatmul.quantize(x, rows, SIZE, config, "bench");
        float[] y = new float[rows * SIZE];
        double[] speeds = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            long calls = 0;
            long time;
            do {
                TernaryMatmul.multiply(weights, activations, null, y);
                calls++;
                time = System.nanoTime() - start;
            } while (time < ROUND_NANOS);
            speeds[round] = (double) SIZE * SIZE * rows * calls / time;
        }
        Arrays.sort(speeds);
        return speeds[ROUNDS / 2];
    }
}
