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
 * <p>A code of 32 bits holds sixteen {@code c[j] = trit + 1} of two bits. Its lower and its upper 16 bits, {@code l[0]}
 * and {@code u[0]}, are multiplied by themselves, as are {@code l[i]} and {@code u[i]}, those of the code shifted right
 * by 2i. Shifts are by four bits only, of 32-bit lanes, since C2 shifts 16-bit lanes by a count in a register, which is
 * slower. For odd i the lowest two of the bits that are there already are cleared instead, which leaves {@code 4 l[i]}
 * and costs less than a shift. With {@code d[j] = a[j] - 4 a[j - 1]}, where {@code a[-1] = 0},
 *
 * <pre>sum of l[i] * d[i] + u[i] * d[i + 8] over i = 0..7  =  sum of c[j] * a[j] over j = 0..15
 *                                                  =  sum of trit[j] * a[j]  +  sum of a[j]</pre>
 *
 * <p>modulo 2^16, because {@code l[i]} is {@code c[i] + 4 l[i + 1]}, and {@code l[8]} is {@code u[0]}; so codes need no
 * mask. What is computed is 4 times that: factors are {@code 4 d[i]} for even i, and {@code d[i]} for odd i, where the
 * code is times 4 already. The sum is exact as long as 4 times the sum of trit times a fits in 16 bits, even if
 * intermediate sums overflow.
 *
 * <p>The order is {@code [row][group][i][lane]}, with {@code d[i]} in all even lanes of a vector and {@code d[i + 8]} in
 * the odd ones. Columns beyond the last are activations of 0.
 */
final class MultiplyFactors extends Int8KernelActivations {

    /** Columns of a code. */
    static final int GROUP_COLUMNS = 16;

    private static final int HALF = GROUP_COLUMNS / 2;
    private static final int LANES = MultiplyLoops.LANES;

    /** Elements of the factors of a group. */
    static final int GROUP_FACTORS = HALF * LANES;

    /** 4 times a sum of at most so many fits in 16 bits. */
    private static final int LARGEST_SUM = Short.MAX_VALUE / 4;

    private static final short FOUR = 4;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> PAIRS =
            MultiplyLoops.BITS >= 256 ? IntVector.SPECIES_256 : IntVector.SPECIES_128;
    private static final VectorSpecies<Byte> HALF_BYTES = ByteVector.SPECIES_64;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_128;

    private final short[] factors;
    private final int[] sums; // for each row, the sums of the activations before each group, and of all
    private final int[] magnitudes; // the same of their absolute values

    MultiplyFactors(Int8Kernel kernel, QuantizedActivations activations, int most) {
        super(kernel, activations, GROUP_COLUMNS, GROUP_FACTORS, 1);
        factors = Workspace.shorts(Math.multiplyExact(most, groups() * GROUP_FACTORS));
        sums = Workspace.ints(most * (groups() + 1));
        magnitudes = Workspace.ints(most * (groups() + 1));
    }

    @Override
    int columnsPerNano() {
        return 1;
    }

    @Override
    void fill(int from, int to) {
        int[] pairs = Workspace.ints(HALF);
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

    private static void fillGroup(byte[] a, int from, int[] pairs, short[] f, int at) {
        for (int i = 0; i < HALF; i += PAIRS.length()) {
            int part = i / PAIRS.length();
            IntVector lower = (IntVector) ByteVector.fromArray(HALF_BYTES, a, from).convertShape(B2I, PAIRS, part);
            IntVector upper = (IntVector) ByteVector.fromArray(HALF_BYTES, a, from + HALF)
                    .convertShape(B2I, PAIRS, part);
            lower.and(0xffff).or(upper.lanewise(LSHL, Short.SIZE)).intoArray(pairs, i);
        }
        ShortVector before = IntVector.broadcast(INTS, a[from + HALF - 1] << Short.SIZE).reinterpretAsShorts();
        ShortVector p0 = IntVector.broadcast(INTS, pairs[0]).reinterpretAsShorts();
        ShortVector p1 = IntVector.broadcast(INTS, pairs[1]).reinterpretAsShorts();
        ShortVector p2 = IntVector.broadcast(INTS, pairs[2]).reinterpretAsShorts();
        ShortVector p3 = IntVector.broadcast(INTS, pairs[3]).reinterpretAsShorts();
        ShortVector p4 = IntVector.broadcast(INTS, pairs[4]).reinterpretAsShorts();
        ShortVector p5 = IntVector.broadcast(INTS, pairs[5]).reinterpretAsShorts();
        ShortVector p6 = IntVector.broadcast(INTS, pairs[6]).reinterpretAsShorts();
        ShortVector p7 = IntVector.broadcast(INTS, pairs[7]).reinterpretAsShorts();
        p0.sub(before.mul(FOUR)).mul(FOUR).intoArray(f, at);
        p1.sub(p0.mul(FOUR)).intoArray(f, at + LANES);
        p2.sub(p1.mul(FOUR)).mul(FOUR).intoArray(f, at + 2 * LANES);
        p3.sub(p2.mul(FOUR)).intoArray(f, at + 3 * LANES);
        p4.sub(p3.mul(FOUR)).mul(FOUR).intoArray(f, at + 4 * LANES);
        p5.sub(p4.mul(FOUR)).intoArray(f, at + 5 * LANES);
        p6.sub(p5.mul(FOUR)).mul(FOUR).intoArray(f, at + 6 * LANES);
        p7.sub(p6.mul(FOUR)).intoArray(f, at + 7 * LANES);
    }

    short[] factors() {
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
