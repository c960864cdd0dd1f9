package io.bitlab.benchmarks.jmh;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.bitlab.core.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
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

/**
 * The product of {@link KernelBenchmark} in ONNX Runtime, a native engine, to compare with in the same run: as a float
 * MatMul, and as MatMulNBits with 4 and 2 bits, blocks of 128 and int8 activations (accuracy level 4), the fastest
 * setting.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(5)
public class OnnxBenchmark {

    /** Output x input features. */
    @Param({"64x64", "256x784", "512x512", "2560x2560", "6912x2560", "2560x6912", "4096x14336"})
    public String shape;

    /** Rows of activations in a call. */
    @Param({"1", "4", "16", "64", "256"})
    public int rows;

    /** Threads inside the runtime. */
    @Param({"1", "2"})
    public int threads;

    /** Bits a weight; 32 is the float MatMul. */
    @Param({"32", "4", "2"})
    public int bits;

    private OrtEnvironment environment;
    private OrtSession session;
    private OnnxTensor x;
    private OnnxTensor y;

    /**
     * Builds the model and checks its result against the definition.
     *
     * @throws OrtException if the runtime refuses the model
     */
    @Setup
    public void prepare() throws OrtException {
        int[] sizes = Shapes.sizes(shape);
        int out = sizes[0];
        int in = sizes[1];
        byte[] trits = new byte[out * in];
        Random random = new Random(1);
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        environment = OrtEnvironment.getEnvironment();
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        session = environment.createSession(bits == 32 ? floatModel(trits, in, out) : packedModel(trits, in, out),
                options);
        Tensor activations = Tensor.randn(2, rows, in);
        x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(activations.data()), new long[] {rows, in});
        y = OnnxTensor.createTensor(environment,
                ByteBuffer.allocateDirect(rows * out * Float.BYTES).order(ByteOrder.nativeOrder()).asFloatBuffer(),
                new long[] {rows, out});
        product();
        check(trits, activations.data(), in, out);
        System.out.println("engine: ONNX Runtime " + environment.getVersion() + ", " + bits + " bits");
    }

    private byte[] floatModel(byte[] trits, int in, int out) {
        float[] weights = new float[trits.length];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                weights[i * out + o] = trits[o * in + i];
            }
        }
        return OnnxModels.matMul(rows, in, out, weights);
    }

    /** Codes are offset by half their range, the runtime's default zero point; rows are padded to whole blocks. */
    private byte[] packedModel(byte[] trits, int in, int out) {
        int perByte = 8 / bits;
        int blocks = Math.ceilDiv(in, OnnxModels.BLOCK);
        int rowBytes = blocks * OnnxModels.BLOCK / perByte;
        byte[] packed = new byte[out * rowBytes];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                int code = trits[o * in + i] + (1 << (bits - 1));
                packed[o * rowBytes + i / perByte] |= (byte) (code << (i % perByte * bits));
            }
        }
        float[] scales = new float[out * blocks];
        Arrays.fill(scales, 1f);
        return OnnxModels.matMulNBits(rows, in, out, bits, packed, scales);
    }

    private void check(byte[] trits, float[] activations, int in, int out) {
        for (int o = 0; o < out; o += 7) {
            double expected = 0;
            double size = 0;
            for (int i = 0; i < in; i++) {
                expected += trits[o * in + i] * activations[i];
                size += Math.abs(trits[o * in + i] * activations[i]);
            }
            float found = y.getFloatBuffer().get(o);
            if (Math.abs(found - expected) > 0.02 * size) { // int8 activations: within two percent
                throw new IllegalStateException("output " + o + " is " + found + ", expected about " + expected);
            }
        }
    }

    /**
     * One product.
     *
     * @return its result
     * @throws OrtException if the runtime fails
     */
    @Benchmark
    public OnnxTensor product() throws OrtException {
        session.run(Map.of("x", x), Map.of("y", y)).close();
        return y;
    }

    /**
     * Frees native memory.
     *
     * @throws OrtException if the runtime fails
     */
    @TearDown
    public void close() throws OrtException {
        x.close();
        y.close();
        session.close();
    }
}
