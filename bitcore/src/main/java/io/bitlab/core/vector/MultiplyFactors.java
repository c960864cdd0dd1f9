package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.B2S;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.QuantizedActivations;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The factors of the packed codes of a {@link MultiplyKernel}.
 *
 * <p>A code of 32 bits holds sixteen {@code c[j] = trit + 1} of two bits. Let {@code l[i]} and {@code u[i]} be the
 * lower and the upper 16 bits of the code shifted right by 2i. With {@code d[j] = a[j] - 4 a[j - 1]}, where {@code
 * a[-1] = 0},
 *
 * <pre>sum of l[i] * d[i] + u[i] * d[i + 8] over i = 0..7  =  sum of c[j] * a[j] over j = 0..15
 *                                                  =  sum of trit[j] * a[j]  +  sum of a[j]</pre>
 *
 * <p>modulo 2^16, because {@code l[i]} is {@code c[i] + 4 l[i + 1]}, and {@code l[8]} is {@code u[0]}. So codes need no
 * mask.
 *
 * <p>Only the shifts for even i are done. For odd i the two lowest bits of {@code l[i - 1]} and {@code u[i - 1]} are
 * cleared, which leaves {@code 4 l[i]} and {@code 4 u[i]} and costs less. So 4 times the sum is computed: the factors
 * are {@code 4 d[i]} for even i and {@code d[i]} for odd i. The result is exact if 4 times the sum of trit times a fits
 * in 16 bits, even if intermediate sums overflow. (Shifts are those of 32-bit lanes: C2 shifts 16-bit lanes by a count
 * in a register, which is slower.)
 *
 * <p>The order is {@code [row][group][i]}, with the factor of {@code l[i]} in the lower half of an int and that of
 * {@code u[i]} in the upper. Columns beyond the last are activations of 0.
 */
final class MultiplyFactors extends Int8KernelActivations {

    /** Columns of a code. */
    static final int GROUP_COLUMNS = 16;

    private static final int HALF = GROUP_COLUMNS / 2;

    /** Factors of a group: each holds one of the lower 16 bits and one of the upper. */
    static final int GROUP_FACTORS = HALF;

    /** 4 times a sum of at most so many fits in 16 bits. */
    private static final int LARGEST_SUM = Short.MAX_VALUE / 4;

    private static final short FOUR = 4;
    /** 4 for even factors, 1 for odd ones. */
    private static final short[] SCALES = {4, 4, 1, 1, 4, 4, 1, 1, 4, 4, 1, 1, 4, 4, 1, 1};
    private static final VectorSpecies<Integer> INTS =
            MultiplyLoops.BITS >= 256 ? IntVector.SPECIES_256 : IntVector.SPECIES_128;
    private static final VectorSpecies<Short> HALVES = INTS.withLanes(short.class);
    private static final VectorSpecies<Byte> HALF_BYTES = ByteVector.SPECIES_64;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_128;

    private final int[] factors;
    private final int[] sums; // for each row, the sums of the activations before each group, and of all
    private final int[] magnitudes; // the same of their absolute values

    MultiplyFactors(Int8Kernel kernel, QuantizedActivations activations, int most) {
        super(kernel, activations, GROUP_COLUMNS, GROUP_FACTORS, 1);
        factors = Workspace.ints(Math.multiplyExact(most, groups() * GROUP_FACTORS));
        sums = Workspace.ints(most * (groups() + 1));
        magnitudes = Workspace.ints(most * (groups() + 1));
    }

    @Override
    int columnsPerNano() {
        return 1;
    }

    @Override
    void fill(int from, int to) {
        int[] pairs = Workspace.ints(HALF + 1);
        int whole = columns() / GROUP_COLUMNS;
        byte[] last = whole < groups() ? Workspace.bytes(GROUP_COLUMNS) : null;
        for (int row = from; row < to; row++) {
            int first = row * (groups() + 1);
            sums[first] = 0;
            magnitudes[first] = 0;
            fillGroups(values(), valuesAt(row), whole, pairs, position(row, 1, 0), first);
            if (last != null) {
                for (int j = 0; j < GROUP_COLUMNS; j++) {
                    int column = whole * GROUP_COLUMNS + j;
                    last[j] = column < columns() ? values()[valuesAt(row) + column] : 0;
                }
                fillGroups(last, 0, 1, pairs, position(row, 1, whole), first + whole);
            }
        }
    }

    private void fillGroups(byte[] a, int from, int groups, int[] pairs, int at, int sumsAt) {
        for (int g = 0; g < groups; g++) {
            int first = from + g * GROUP_COLUMNS;
            ShortVector lower = (ShortVector) ByteVector.fromArray(HALF_BYTES, a, first).convertShape(B2S, SHORTS, 0);
            ShortVector upper = (ShortVector) ByteVector.fromArray(HALF_BYTES, a, first + HALF)
                    .convertShape(B2S, SHORTS, 0);
            sums[sumsAt + g + 1] = sums[sumsAt + g] + lower.add(upper).reduceLanes(ADD);
            magnitudes[sumsAt + g + 1] = magnitudes[sumsAt + g] + lower.abs().add(upper.abs()).reduceLanes(ADD);
            fillGroup(a, first, pairs, factors, at + g * GROUP_FACTORS);
        }
    }

    /** {@code pairs[i]} is the pair of activations before the one of factor i, in 16 bits each. */
    private static void fillGroup(byte[] a, int from, int[] pairs, int[] f, int at) {
        pairs[0] = a[from + HALF - 1] << Short.SIZE;
        for (int i = 0; i < HALF; i += INTS.length()) {
            int part = i / INTS.length();
            IntVector lower = (IntVector) ByteVector.fromArray(HALF_BYTES, a, from).convertShape(B2I, INTS, part);
            IntVector upper = (IntVector) ByteVector.fromArray(HALF_BYTES, a, from + HALF)
                    .convertShape(B2I, INTS, part);
            lower.and(0xffff).or(upper.lanewise(LSHL, Short.SIZE)).intoArray(pairs, i + 1);
        }
        for (int i = 0; i < HALF; i += INTS.length()) {
            ShortVector before = IntVector.fromArray(INTS, pairs, i).reinterpretAsShorts();
            IntVector.fromArray(INTS, pairs, i + 1).reinterpretAsShorts().sub(before.mul(FOUR))
                    .mul(ShortVector.fromArray(HALVES, SCALES, 2 * i)).reinterpretAsInts().intoArray(f, at + i);
        }
    }

    int[] factors() {
        return factors;
    }

    /** Minus 4 times the sum of a row's activations in some groups: what a sum begins with. */
    int start(int row, int group, int groups) {
        int at = row * (groups() + 1) + group;
        return 4 * (sums[at] - sums[at + groups]);
    }

    /** As many groups from one on, of at most so many, as are summed without overflow. */
    int groupsThatFit(int row, int group, int most) {
        int at = row * (groups() + 1) + group;
        int fit = 1;
        while (fit < most && magnitudes[at + fit + 1] - magnitudes[at] <= LARGEST_SUM) {
            fit++;
        }
        return fit;
    }
}
