package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Rotary position embedding (Su et al., <i>RoFormer</i>, 2021): rotates pairs of features in each head of queries and
 * keys by angles proportional to the position, {@code position * theta^(-2i/d)} for pair i of d / 2. The product of a
 * query and a key then depends on their distance.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="rotary"}
 *
 * <p>Angles are products of floats, as in the published models; their cosines and sines are rounded from double.
 * Immutable and thread-safe.
 */
public final class RotaryEmbedding {

    /** Which features of a head form pair i. */
    public enum Pairing {
        /** i and i + d / 2: models from Hugging Face, including BitNet. */
        HALVES,
        /** 2i and 2i + 1: RoFormer, and models that llama.cpp stores with permuted rows. */
        ADJACENT
    }

    /** Rough cost of rotating one feature. */
    private static final double NANOS = 0.7;

    private final int d;
    private final float theta;
    private final Pairing pairing;
    private final float[] frequencies;
    private final int tabulated; // number of positions
    private final float[] cos; // [tabulated, d / 2]
    private final float[] sin;
    private volatile Angles latest; // beyond the table; null before

    /** The cosines and sines of some positions. */
    private record Angles(int first, int positions, float[] cos, float[] sin) {
    }

    /**
     * Creates an embedding and computes its first angles.
     *
     * @param headDim features of a head, d; even
     * @param theta the base of the frequencies, above 1; 10,000 in RoFormer, 500,000 in BitNet b1.58 2B4T
     * @param pairing which features form a pair
     * @param tabulated number of positions whose angles are computed in advance; later positions work too, and those of
     *     the last call are kept
     * @throws IllegalArgumentException if a value is out of range
     */
    public RotaryEmbedding(int headDim, float theta, Pairing pairing, int tabulated) {
        if (headDim < 2 || headDim % 2 != 0 || !(theta > 1f && theta < Float.POSITIVE_INFINITY) || tabulated < 0) {
            throw new IllegalArgumentException("RotaryEmbedding: head of " + headDim + " features, theta " + theta
                    + ", " + tabulated
                    + " positions; expected an even number of features, a theta above 1 and a number "
                    + "of positions that is not negative");
        }
        this.d = headDim;
        this.theta = theta;
        this.pairing = pairing;
        this.frequencies = new float[headDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) (1 / StrictMath.pow(theta, 2.0 * i / headDim));
        }
        this.tabulated = tabulated;
        this.cos = new float[Math.multiplyExact(tabulated, frequencies.length)];
        this.sin = new float[cos.length];
        fill(0, tabulated, cos, sin);
    }

    private void fill(int from, int positions, float[] c, float[] s) {
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < frequencies.length; i++) {
                float angle = (from + position) * frequencies[i];
                c[position * frequencies.length + i] = (float) StrictMath.cos(angle);
                s[position * frequencies.length + i] = (float) StrictMath.sin(angle);
            }
        }
    }

    /**
     * The features of a head that it rotates.
     *
     * @return an even number
     */
    public int headDim() {
        return d;
    }

    /**
     * Rotates the heads of queries or keys.
     *
     * @param x {@code [batch, length, heads * d]}, where each sequence starts at position 0; not modified
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if x has another rank, or its last axis is not a whole number of heads
     */
    public Tensor rotate(Tensor x) {
        if (x.rank() != 3 || x.length(2) % d != 0) {
            throw new IllegalArgumentException("RotaryEmbedding: input " + Arrays.toString(x.shape())
                    + ", expected [batch, length, heads * " + d + "]");
        }
        int length = x.length(1);
        int row = x.length(2);
        float[] y = Workspace.floats(x.size());
        System.arraycopy(x.data(), 0, y, 0, y.length);
        rotate(y, x.length(0), length, row, false);
        return Autograd.result("rotate", y, x.shape(), g -> {
            float[] rotated = Workspace.floats(g.length);
            System.arraycopy(g, 0, rotated, 0, g.length);
            rotate(rotated, x.length(0), length, row, true);
            FloatMath.get().axpy(1f, rotated, 0, x.gradBuffer(), 0, rotated.length);
        }, x);
    }

    private void rotate(float[] x, int batch, int length, int row, boolean back) {
        for (int sequence = 0; sequence < batch; sequence++) {
            rotate(x, sequence * length * row, length, row, 0, back);
        }
    }

    /**
     * Rotates the heads of consecutive positions in place, without recording a gradient.
     *
     * @param x {@code [positions, row]}; modified
     * @param positions number of rows
     * @param row number of features in a row, a multiple of d
     * @param first position of the first row, from 0
     */
    public void rotate(float[] x, int positions, int row, int first) {
        rotate(x, 0, positions, row, first);
    }

    /**
     * Rotates the heads of consecutive positions among the rows of a batch, without recording a gradient.
     *
     * @param x {@code [rows, row]}; modified: rows {@code fromRow} to {@code fromRow + positions - 1}
     * @param fromRow the row of the first position
     * @param positions number of positions
     * @param row number of features in a row, a multiple of d
     * @param first position of the first row, from 0
     */
    public void rotate(float[] x, int fromRow, int positions, int row, int first) {
        rotate(x, fromRow * row, positions, row, first, false);
    }

    private void rotate(float[] x, int at, int positions, int row, int first, boolean back) {
        if (first < 0 || row % d != 0) {
            throw new IllegalArgumentException("RotaryEmbedding: rows of " + row + " features from position " + first
                    + ", expected a multiple of " + d + " and a position from 0");
        }
        int pairs = frequencies.length;
        boolean known = first + positions <= tabulated;
        Angles computed = known ? null : beyondTable(first, positions);
        float[] c = known ? cos : computed.cos;
        float[] sines = known ? sin : computed.sin;
        int angle = known ? first * pairs : 0;
        float[] s = back ? negated(sines, angle, positions * pairs) : sines;
        FloatMath math = FloatMath.get();
        Parallel.current().forRange(positions, 1, (long) (NANOS * positions * row), (from, to) -> {
            for (int position = from; position < to; position++) {
                for (int head = 0; head < row; head += d) {
                    math.rotate(x, at + position * row + head, c, s, angle + position * pairs, pairs,
                            pairing == Pairing.ADJACENT);
                }
            }
        });
        if (back) {
            Workspace.giveBack(s); // or each sequence of a batch would keep as much
        }
    }

    /** Those of the call before if it was for the same positions: every layer of a single text asks for them twice. */
    private Angles beyondTable(int first, int positions) {
        Angles angles = latest;
        if (angles == null || angles.first != first || angles.positions != positions) {
            int size = positions * frequencies.length;
            angles = new Angles(first, positions, new float[size], new float[size]);
            fill(first, positions, angles.cos, angles.sin);
            latest = angles;
        }
        return angles;
    }

    private static float[] negated(float[] s, int from, int length) {
        float[] negated = Workspace.floats(from + length);
        for (int i = from; i < from + length; i++) {
            negated[i] = -s[i];
        }
        return negated;
    }

    @Override
    public String toString() {
        return "RotaryEmbedding(" + d + ", theta " + theta + ", " + pairing.name().toLowerCase(java.util.Locale.ROOT)
                + ")";
    }
}
