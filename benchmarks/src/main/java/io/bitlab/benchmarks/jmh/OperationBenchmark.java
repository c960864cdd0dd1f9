package io.bitlab.benchmarks.jmh;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.platform.VectorPlatform;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The operations of the library's models, on one thread, at the width of vectors that the JVM has. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 5, jvmArgsAppend = "-Xmx2g")
public class OperationBenchmark {

    /** What is computed. */
    @Param
    public Operation operation;

    /** The width of vectors that the JVM must have; 0 for none. */
    @Param("512")
    public int bits;

    private final Workspace workspace = new Workspace();
    private Parallel parallel;
    private Runnable body;

    /** Makes the operands, and checks the width and that no operation falls back to scalar loops. */
    @Setup
    public void prepare() {
        if (VectorPlatform.current().bits() != bits) {
            throw new IllegalStateException("OperationBenchmark: this JVM has vectors of "
                    + VectorPlatform.current().bits() + " bits, expected " + bits);
        }
        String kernel = KernelRegistry.kernelFor(BitQuantConfig.defaults(), 2560, 2560).name();
        String floats = FloatMath.get().getClass().getSimpleName();
        if (bits > 0 && !(kernel.endsWith("-" + bits) && floats.startsWith("Vector"))) {
            throw new IllegalStateException("OperationBenchmark: with " + bits + " bits the kernel is " + kernel
                    + ", and float loops are " + floats);
        }
        System.out.println("kernel: " + kernel);
        parallel = Parallel.of(1);
        body = operation.prepare();
    }

    /** Stops the threads. */
    @TearDown
    public void close() {
        parallel.close();
    }

    /** One call. */
    @Benchmark
    public void compute() {
        parallel.call(() -> {
            workspace.run(body);
            return null;
        });
        workspace.reset();
    }
}
