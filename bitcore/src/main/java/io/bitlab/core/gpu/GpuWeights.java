package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Weights in the memory of the device, 2 bits each; the canonical matrix stays in Java, for {@link #unpack} and for
 * another kernel to take over.
 *
 * <p>A word holds 16 columns of a row: column {@code 4 k + i} is {@code trit + 1} in bits {@code 8 i + 2 k} and
 * {@code 8 i + 2 k + 1}, so that a shift and a mask yield four columns as four bytes. Each block of scales begins with
 * a word.
 */
final class GpuWeights implements PackedWeights {

    private static final int COLUMNS = 16;
    private static final int ZEROS = 0x55555555; // sixteen trits of 0
    private static final int UPLOAD_WORDS = 1 << 20;
    private static final double NANOS_PER_WEIGHT = 1;

    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final TernaryKernel kernel;
    private final TernaryMatrix matrix;
    private final int scaleStep;
    private final Buffers buffers;

    /**
     * Copies a matrix to the device.
     *
     * @throws DeviceException if that fails; then nothing is left behind
     */
    GpuWeights(TernaryKernel kernel, GpuProgram program, TernaryMatrix matrix) {
        this.kernel = kernel;
        this.matrix = matrix;
        this.buffers = new Buffers(program.cl());
        float[] scales = matrix.scales();
        this.scaleStep = scales.length == 1 ? 0 : 1;
        // First: an error below must not leave them on the device.
        Cleaner.Cleanable release = program.releaseWith(this, buffers);
        try {
            buffers.words = program.createBuffer(GpuQueue.READ_ONLY, (long) matrix.outFeatures() * rowWords() * 4);
            buffers.scales = program.createBuffer(GpuQueue.READ_ONLY, (long) scales.length * Float.BYTES);
            program.use(queue -> upload(queue, scales));
        } catch (DeviceException e) {
            release.clean();
            throw e;
        }
    }

    private void upload(GpuQueue queue, float[] scales) {
        int rowWords = rowWords();
        int rows = Math.clamp(UPLOAD_WORDS / rowWords, 1, matrix.outFeatures());
        int[] words = new int[rows * rowWords];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(JAVA_INT, Math.max(words.length, scales.length));
            for (int first = 0; first < matrix.outFeatures(); first += rows) {
                int start = first;
                int count = Math.min(rows, matrix.outFeatures() - first);
                Parallel.current().forRange(count, 1,
                        (long) ((long) count * matrix.inFeatures() * NANOS_PER_WEIGHT),
                        (from, to) -> packRows(start, from, to, words));
                MemorySegment.copy(words, 0, host, JAVA_INT, 0, count * rowWords);
                queue.upload(buffers.words, (long) first * rowWords * Integer.BYTES,
                        host.asSlice(0, (long) count * rowWords * Integer.BYTES));
            }
            MemorySegment.copy(scales, 0, host, JAVA_FLOAT, 0, scales.length);
            queue.upload(buffers.scales, 0, host.asSlice(0, (long) scales.length * Float.BYTES));
        }
    }

    private void packRows(int start, int from, int to, int[] words) {
        byte[] trits = new byte[matrix.inFeatures()];
        byte[] block = new byte[wordsOfBlock() * COLUMNS];
        int at = from * rowWords();
        for (int row = from; row < to; row++) {
            matrix.unpackRow(start + row, trits, 0);
            for (int first = 0; first < trits.length; first += matrix.blockColumns()) {
                int columns = Math.min(matrix.blockColumns(), trits.length - first);
                System.arraycopy(trits, first, block, 0, columns);
                Arrays.fill(block, columns, block.length, (byte) 0);
                for (int i = 0; i < block.length; i += COLUMNS) {
                    words[at++] = ZEROS + four(block, i) + (four(block, i + 4) << 2) + (four(block, i + 8) << 4)
                            + (four(block, i + 12) << 6);
                }
            }
        }
    }

    /** The sum of four trits times 1, 256, 256^2 and 256^3: what they add to a word of zeros. */
    private static int four(byte[] trits, int at) {
        int bytes = (int) INTS.get(trits, at);
        return (bytes & 0x01010101) - (bytes >>> 6 & 0x02020202);
    }

    // ---------------------------------------------------------------- for GpuQueue

    TernaryMatrix matrix() {
        return matrix;
    }

    int wordsOfBlock() {
        return Math.ceilDiv(matrix.blockColumns(), COLUMNS);
    }

    private int rowWords() {
        return wordsOfBlock() * matrix.blocks();
    }

    /** Bytes of a row of activations with the same padding. */
    long rowActivations() {
        return (long) rowWords() * COLUMNS;
    }

    /** The buffer of the words, {@code [out, blocks, wordsOfBlock]}. */
    long words() {
        return buffers.words;
    }

    /** The buffer of the scales. */
    long scales() {
        return buffers.scales;
    }

    /** How far apart the scales of two blocks are: 0 if there is one for the matrix. */
    int scaleStep() {
        return scaleStep;
    }

    // ---------------------------------------------------------------- PackedWeights

    @Override
    public TernaryKernel kernel() {
        return kernel;
    }

    @Override
    public int outFeatures() {
        return matrix.outFeatures();
    }

    @Override
    public int inFeatures() {
        return matrix.inFeatures();
    }

    /** That of the device and that of the canonical matrix. */
    @Override
    public long bytes() {
        return (long) matrix.outFeatures() * rowWords() * Integer.BYTES + matrix.bytes();
    }

    @Override
    public TernaryMatrix unpack() {
        return matrix;
    }

    /** What is released when the weights are no longer reachable, which it therefore does not know. */
    private static final class Buffers implements Runnable {
        private final OpenCl cl;
        private long words;
        private long scales;

        Buffers(OpenCl cl) {
            this.cl = cl;
        }

        @Override
        public void run() {
            for (long buffer : new long[] {words, scales}) {
                if (buffer != 0) {
                    cl.releaseBuffer(buffer);
                }
            }
            words = 0;
            scales = 0;
        }
    }
}
