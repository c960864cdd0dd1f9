package io.bitlab.benchmarks.report;

import static io.bitlab.benchmarks.report.BenchmarkCase.bandwidth;
import static io.bitlab.benchmarks.report.BenchmarkCase.gemm;
import static io.bitlab.benchmarks.report.BenchmarkCase.head;
import static io.bitlab.benchmarks.report.BenchmarkCase.kernel;
import static io.bitlab.benchmarks.report.BenchmarkCase.linear;
import static io.bitlab.benchmarks.report.BenchmarkCase.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The sections of the kernel table. Figures that are compared are in one section, which is measured in one go. */
enum ReportSection {
    GEMV("One row of int8 activations", "Generating text: one token at a time.") {
        @Override
        List<BenchmarkCase> cases(ChosenKernels chosen) {
            List<BenchmarkCase> cases = new ArrayList<>();
            SHAPES.forEach(shape -> withOnnx(cases, chosen.int8(), shape, 1, 1));
            List.of("512x512", "2560x2560", "6912x2560", "4096x14336")
                    .forEach(shape -> withOnnx(cases, chosen.int8(), shape, 1, 2));
            return cases;
        }
    },
    BATCHES("Batches of int8 activations", "Reading a prompt, or many requests at once.") {
        @Override
        List<BenchmarkCase> cases(ChosenKernels chosen) {
            List<BenchmarkCase> cases = new ArrayList<>();
            for (int rows : BATCHED) {
                withOnnx(cases, chosen.int8(), "512x512", rows, 1);
                withOnnx(cases, chosen.int8(), "2560x2560", rows, 1);
            }
            withOnnx(cases, chosen.int8(), "2560x2560", 64, 2);
            withOnnx(cases, chosen.int8(), "2560x2560", 256, 2);
            for (String shape : List.of("256x784", "6912x2560", "2560x6912", "4096x14336")) {
                withOnnx(cases, chosen.int8(), shape, 64, 1);
            }
            return cases;
        }
    },
    WIDTHS("The other int8 kernels",
            "Machines with 256 bits run `multiply-256`, those with 128 bits `lookup-128`. "
                    + "Each is measured at its width on this machine; `plain` and `scalar` run in a JVM without the "
                    + "Vector API.") {
        @Override
        List<BenchmarkCase> cases(ChosenKernels chosen) {
            List<BenchmarkCase> cases = new ArrayList<>();
            for (String name : OTHERS) {
                cases.add(kernel(name, "512x512", 1, 1));
                cases.add(kernel(name, "2560x2560", 1, 1));
                cases.add(kernel(name, "2560x2560", 64, 1));
            }
            for (String name : List.of("multiply-256", "lookup-128")) {
                cases.add(kernel(name, "256x784", 64, 1));
                cases.add(kernel(name, "2560x2560", 64, 2));
            }
            cases.add(kernel("scalar", "64x64", 1, 1));
            cases.add(kernel("scalar", "512x512", 1, 1));
            return cases;
        }
    },
    HEADS("Embedding tables as output heads",
            "Each format at each width of vectors; `table-float32` is an ordinary float product.") {
        @Override
        List<BenchmarkCase> cases(ChosenKernels chosen) {
            List<BenchmarkCase> cases = new ArrayList<>();
            for (int rows : ONE_AND_64) {
                for (String format : List.of("int8", "bfloat16", "nf4")) {
                    BITS.forEach(bits -> cases.add(head("table-" + format + "-" + bits, HEAD, rows, 1)));
                }
            }
            return cases;
        }
    },
    FLOAT("Float activations",
            "Ternary weights times float32 inputs, beside ordinary float products: `table-float32` at the same width, "
                    + "and ONNX Runtime's MatMul.") {
        @Override
        List<BenchmarkCase> cases(ChosenKernels chosen) {
            List<BenchmarkCase> cases = new ArrayList<>();
            for (int rows : ONE_AND_64) {
                FLOAT_KERNELS.forEach(name -> cases.add(kernel(name, "2560x2560", rows, 1)));
                BITS.forEach(bits -> cases.add(head("table-float32-" + bits, "2560x2560", rows, 1)));
                cases.add(onnx(32, "2560x2560", rows, 1));
            }
            return cases;
        }
    },
    MEMORY("From memory",
            "64 matrices of 6912x2560 in turn, which no cache holds, beside a plain vector sum of 1 GiB: the rate at "
                    + "which this machine reads.") {
        @Override
        List<BenchmarkCase> cases(ChosenKernels chosen) {
            List<BenchmarkCase> cases = new ArrayList<>();
            for (int threads : THREADS) {
                cases.add(bandwidth(threads));
                cases.add(kernel(chosen.int8(), FROM_MEMORY, 1, threads));
                cases.add(kernel(chosen.float32(), FROM_MEMORY, 1, threads));
            }
            return cases;
        }
    },
    LINEAR("Whole layers",
            "`forward` takes and returns a tensor, `apply` arrays, `kernel` is the kernel alone, `linear` a "
                    + "float layer.") {
        @Override
        List<BenchmarkCase> cases(ChosenKernels chosen) {
            List<BenchmarkCase> cases = new ArrayList<>();
            for (String shape : List.of("64x64", "256x784", "512x512", "2560x2560", "6912x2560")) {
                LINEAR_METHODS.forEach(method -> cases.add(linear(method, shape, 1, 1)));
            }
            return cases;
        }
    },
    GEMM("Float matrix products",
            "Batch x in x out: `forward` is x·Wᵀ, `inputGradient` dy·W, `weightGradient` dyᵀ·x, as in training.") {
        @Override
        List<BenchmarkCase> cases(ChosenKernels chosen) {
            List<BenchmarkCase> cases = new ArrayList<>();
            for (String shape : List.of("768x768x768", "1536x1536x1536", "128x784x512", "128x512x512")) {
                GEMM_METHODS.forEach(method -> cases.add(gemm(method, shape, 1)));
            }
            GEMM_METHODS.forEach(method -> cases.add(gemm(method, "768x768x768", 2)));
            GEMM_METHODS.forEach(method -> cases.add(gemm(method, "128x784x512", 2)));
            return cases;
        }
    },
    FULL("Everything", "Every kernel at every shape, batch and number of threads; the other parts are not in it.") {
        @Override
        List<BenchmarkCase> cases(ChosenKernels chosen) {
            List<BenchmarkCase> cases = new ArrayList<>();
            for (int rows : List.of(1, 4, 16, 64, 256)) {
                for (int threads : THREADS) {
                    for (String shape : SHAPES) {
                        withOnnx(cases, chosen.int8(), shape, rows, threads);
                        cases.add(onnx(32, shape, rows, threads));
                        OTHERS.forEach(name -> cases.add(kernel(name, shape, rows, threads)));
                        FLOAT_KERNELS.forEach(name -> cases.add(kernel(name, shape, rows, threads)));
                    }
                    cases.add(kernel(chosen.int8(), FROM_MEMORY, rows, threads));
                }
            }
            for (String shape : List.of("64x64", "256x784", "512x512")) {
                cases.add(kernel("scalar", shape, 1, 1));
            }
            for (String shape : List.of("64x64", "256x784", "512x512", "2560x2560", "6912x2560")) {
                for (int threads : THREADS) {
                    for (int rows : ONE_AND_64) {
                        LINEAR_METHODS.forEach(method -> cases.add(linear(method, shape, rows, threads)));
                    }
                }
            }
            return cases;
        }
    };

    private static final String FROM_MEMORY = "64 of 6912x2560";
    private static final String HEAD = "32000x2560";
    private static final List<Integer> BITS = List.of(512, 256, 128);
    private static final List<Integer> THREADS = List.of(1, 2);
    private static final List<Integer> ONE_AND_64 = List.of(1, 64);
    private static final List<Integer> BATCHED = List.of(4, 16, 64, 256);
    private static final List<String> OTHERS =
            List.of("multiply-512", "multiply-256", "lookup-128", "multiply-128", "plain");
    private static final List<String> GEMM_METHODS = List.of("forward", "inputGradient", "weightGradient");
    private static final List<String> FLOAT_KERNELS =
            List.of("float-lookup-512", "float-lookup-256", "float-multiply-128");
    private static final List<String> LINEAR_METHODS = List.of("forward", "apply", "kernel", "linear");
    private static final List<String> SHAPES =
            List.of("64x64", "256x784", "512x512", "2560x2560", "6912x2560", "2560x6912", "4096x14336");

    private final String title;
    private final String explanation;

    ReportSection(String title, String explanation) {
        this.title = title;
        this.explanation = explanation;
    }

    /**
     * Finds a section by its name in arguments.
     *
     * @throws IllegalArgumentException if there is none
     */
    static ReportSection named(String id) {
        return Arrays.stream(values()).filter(section -> section.id().equals(id)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("KernelTable: no section is named '" + id
                        + "'; sections are " + Arrays.toString(values()).toLowerCase(Locale.ROOT)
                        + ", and 'page' to write the page only"));
    }

    /** What a machine can measure, in the order of the table. */
    List<BenchmarkCase> casesOn(ChosenKernels chosen) {
        return cases(chosen).stream().filter(measured -> measured.bits() <= chosen.bits()).toList();
    }

    /**
     * What a machine with vectors of any width would measure.
     *
     * @param chosen kernels that are measured at every shape
     */
    abstract List<BenchmarkCase> cases(ChosenKernels chosen);

    /** The heading. */
    String title() {
        return title;
    }

    /** A sentence below the heading. */
    String explanation() {
        return explanation;
    }

    /** The name in arguments and files. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A kernel and the native engine's low-bit products. */
    private static void withOnnx(List<BenchmarkCase> cases, String kernel, String shape, int rows, int threads) {
        cases.add(kernel(kernel, shape, rows, threads));
        cases.add(onnx(4, shape, rows, threads));
        cases.add(onnx(2, shape, rows, threads));
    }
}
