package io.bitlab.core.math;

/**
 * Arithmetic on float arrays in a defined order of operations, so that every implementation returns the same bits.
 *
 * <ul>
 * <li><b>Matrix products</b> ({@link #gemm} and its variants): each element of C is one chain over k in ascending
 * order, {@code acc = fma(a, b, acc)}, see {@link Fma}. The chain starts at 0, or at the element's old value when
 * accumulating.
 * <li><b>Sums</b> ({@link #sum}, {@link #dot}): element i is added to partial sum i mod 16, with {@code fma} if it is a
 * product. {@link SumTree} then adds the 16 partial sums: 0 and 8, 1 and 9, ...; then 0 and 4, ...; then 0 and 2, 1 and
 * 3; then 0 and 1.
 * </ul>
 *
 * {@snippet class="io.bitlab.core.snippets.MathSnippets" region="gemm"}
 *
 * <p>Softmax, the norms and the other default methods are built from these and written once for all implementations, in
 * loops that the JIT compiler vectorises. It never fuses a product and a sum on its own, so their bits are the same
 * everywhere too.
 *
 * <p>Matrices are dense and row-major; an offset is the index at which a matrix begins in its array. Callers check the
 * sizes. Implementations are stateless and thread-safe.
 */
public interface FloatMath {

    /**
     * The implementation for this machine: vectors if the Vector API and hardware FMA are available, else plain Java.
     *
     * @return the same object at each call
     */
    static FloatMath get() {
        return FloatMathHolder.INSTANCE;
    }

    /**
     * {@code C[m,n] = A[m,k] · B[k,n]}, added to C if {@code accumulate}.
     *
     * @param m rows of A and C
     * @param n columns of B and C
     * @param k columns of A, rows of B
     * @param a A; not modified
     * @param aOffset where A begins
     * @param b B; not modified
     * @param bOffset where B begins
     * @param c C; modified
     * @param cOffset where C begins
     * @param accumulate whether to add to C instead of replacing it
     */
    void gemm(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            boolean accumulate);

    /**
     * {@code C[m,n] = A[m,k] · B[n,k]ᵀ}: the forward of a linear layer, with k along the rows of both operands.
     *
     * @param m rows of A and C
     * @param n rows of B, columns of C
     * @param k columns of A and B
     * @param a A; not modified
     * @param aOffset where A begins
     * @param b B; not modified
     * @param bOffset where B begins
     * @param c C; modified
     * @param cOffset where C begins
     * @param accumulate whether to add to C instead of replacing it
     */
    void gemmTransposedB(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            boolean accumulate);

    /**
     * {@code C[m,n] = A[k,m]ᵀ · B[k,n]}: the weight gradient of a linear layer, a sum of outer products over the batch.
     *
     * @param m columns of A, rows of C
     * @param n columns of B and C
     * @param k rows of A and B
     * @param a A; not modified
     * @param aOffset where A begins
     * @param b B; not modified
     * @param bOffset where B begins
     * @param c C; modified
     * @param cOffset where C begins
     * @param accumulate whether to add to C instead of replacing it
     */
    void gemmTransposedA(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            boolean accumulate);

    /**
     * {@code C[m,n] = A[m,k] · B[k,n]} of parts of larger arrays, on the calling thread and without allocating: for the
     * many small products of attention. Element (i, l) of A is at {@code aOffset + i * aRow + l * aColumn}; element
     * (row, column) of B is at {@code bOffset + row * bRow + column}, and of C likewise.
     *
     * @param m rows of A and C
     * @param n columns of B and C; fastest if a multiple of 32
     * @param k columns of A, rows of B
     * @param a A; not modified
     * @param aOffset where A begins
     * @param aRow distance from one row of A to the next
     * @param aColumn distance from one column of A to the next
     * @param b B; not modified
     * @param bOffset where B begins
     * @param bRow distance from one row of B to the next
     * @param c C; modified
     * @param cOffset where C begins
     * @param cRow distance from one row of C to the next
     * @param accumulate whether to add to C instead of replacing it
     */
    void gemmPart(int m, int n, int k, float[] a, int aOffset, int aRow, int aColumn, float[] b, int bOffset, int bRow,
            float[] c, int cOffset, int cRow, boolean accumulate);

    /**
     * The sum of an array's elements.
     *
     * @param x the array; not modified
     * @param offset index of the first element
     * @param length how many
     * @return their sum in the defined order
     */
    float sum(float[] x, int offset, int length);

    /**
     * The dot product of two arrays.
     *
     * @param a an array; not modified
     * @param aOffset index of its first element
     * @param b an array; not modified
     * @param bOffset index of its first element
     * @param length how many elements
     * @return the sum of the products in the defined order
     */
    float dot(float[] a, int aOffset, float[] b, int bOffset, int length);

    /**
     * A function of each element: {@code y[i] = f(x[i])}.
     *
     * @param f the function
     * @param x the arguments; not modified unless it is y
     * @param xOffset index of the first
     * @param y the values; modified
     * @param yOffset index of the first
     * @param length how many
     */
    void apply(ActivationFunction f, float[] x, int xOffset, float[] y, int yOffset, int length);

    /**
     * Backward of {@link #apply}: {@code dx[i] += g[i] * f'(x[i])}; the product is rounded before the addition.
     *
     * @param f the function
     * @param g gradients of the values; not modified
     * @param gOffset index of the first
     * @param x the arguments; not modified
     * @param xOffset index of the first
     * @param y the values; not modified
     * @param yOffset index of the first
     * @param dx gradients of the arguments; modified
     * @param dxOffset index of the first
     * @param length how many
     */
    void applyGradient(ActivationFunction f, float[] g, int gOffset, float[] x, int xOffset, float[] y, int yOffset,
            float[] dx,
            int dxOffset, int length);

    /**
     * {@code y[i] = fma(factor, x[i], y[i])}.
     *
     * @param factor multiplies x
     * @param x an array; not modified
     * @param xOffset index of its first element
     * @param y an array; modified
     * @param yOffset index of its first element
     * @param length how many elements
     */
    void axpy(float factor, float[] x, int xOffset, float[] y, int yOffset, int length);

    // ---------------------------------------------------------------- built from the above

    /**
     * The largest element.
     *
     * @param x the array; not modified
     * @param offset index of the first element
     * @param length how many, at least 1
     * @return the maximum; NaN if an element is NaN
     */
    default float max(float[] x, int offset, int length) {
        // C2 makes vectors of it; a loop of the Vector API allocates some where it is inlined deeply.
        float max = x[offset];
        for (int i = offset + 1; i < offset + length; i++) {
            max = Math.max(max, x[i]);
        }
        return max;
    }

    /**
     * Widens bfloat16 to float, exactly.
     *
     * @param x upper halves of floats; not modified
     * @param xOffset index of the first
     * @param y the floats; modified
     * @param yOffset index of the first
     * @param length how many
     */
    default void widen(short[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Bfloat16.toFloat(x[xOffset + i]);
        }
    }

    /**
     * Widens rows of int8 to float: each value times the scale of its row, or of its column.
     *
     * @param x integers, row-major; not modified
     * @param xOffset index of the first
     * @param scales of the rows or columns; not modified
     * @param scalesOffset index of the first
     * @param ofRows whether the scales are those of the rows
     * @param rows how many
     * @param columns how many in a row
     * @param y the floats, row-major; modified
     * @param yOffset index of the first
     */
    default void widen(byte[] x, int xOffset, float[] scales, int scalesOffset, boolean ofRows, int rows, int columns,
            float[] y, int yOffset) {
        for (int i = 0; i < rows * columns; i++) {
            y[yOffset + i] = x[xOffset + i] * scales[scalesOffset + (ofRows ? i / columns : i % columns)];
        }
    }

    /**
     * {@code y = exp(x - max(x)) / sum(exp(x - max(x)))}.
     *
     * @param x the arguments; not modified unless it is y
     * @param xOffset index of the first
     * @param y positive values that sum to about 1; modified
     * @param yOffset index of the first
     * @param length how many, at least 1
     */
    default void softmax(float[] x, int xOffset, float[] y, int yOffset, int length) {
        float max = max(x, xOffset, length);
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = x[xOffset + i] - max;
        }
        apply(ActivationFunction.EXP, y, yOffset, y, yOffset, length);
        float sum = sum(y, yOffset, length);
        for (int i = 0; i < length; i++) {
            y[yOffset + i] /= sum;
        }
    }

    /**
     * {@code y[i] += a[i] * b[i] * factor}; each product is rounded.
     *
     * @param factor multiplies the products
     * @param a an array; not modified
     * @param aOffset index of its first element
     * @param b an array; not modified
     * @param bOffset index of its first element
     * @param y an array; modified
     * @param yOffset index of its first element
     * @param length how many elements
     */
    default void addProducts(float factor, float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset,
            int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] += a[aOffset + i] * b[bOffset + i] * factor;
        }
    }

    /**
     * {@code y[i] = max(x[i], y[i])}, as {@link Math#max(float, float)}.
     *
     * @param x an array; not modified
     * @param xOffset index of its first element
     * @param y an array; modified
     * @param yOffset index of its first element
     * @param length how many elements
     */
    default void max(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Math.max(x[xOffset + i], y[yOffset + i]);
        }
    }

    /**
     * Root-mean-square normalisation of a row: {@code y = x * r * w}, {@code r = 1 / sqrt(dot(x, x) / length + eps)}.
     *
     * @param x the row; not modified
     * @param xOffset index of its first element
     * @param w {@code length} weights; not modified
     * @param eps keeps the divisor away from 0
     * @param y the result; modified
     * @param yOffset index of its first element
     * @param length how many elements
     * @return r
     */
    default float rmsNorm(float[] x, int xOffset, float[] w, float eps, float[] y, int yOffset, int length) {
        float inverse = 1f / (float) Math.sqrt(dot(x, xOffset, x, xOffset, length) / length + eps);
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = x[xOffset + i] * inverse * w[i];
        }
        return inverse;
    }

    /**
     * Normalisation of a row to mean 0 and variance 1: {@code z = (x - m) * r}, {@code m = sum(x) / length},
     * {@code r = 1 / sqrt(dot(x - m, x - m) / length + eps)}.
     *
     * @param x the row; not modified unless it is z
     * @param xOffset index of its first element
     * @param eps keeps the divisor away from 0
     * @param z the result; modified
     * @param zOffset index of its first element
     * @param length how many elements
     * @return r
     */
    default float standardize(float[] x, int xOffset, float eps, float[] z, int zOffset, int length) {
        float mean = sum(x, xOffset, length) / length;
        for (int i = 0; i < length; i++) {
            z[zOffset + i] = x[xOffset + i] - mean;
        }
        float inverse = 1f / (float) Math.sqrt(dot(z, zOffset, z, zOffset, length) / length + eps);
        for (int i = 0; i < length; i++) {
            z[zOffset + i] *= inverse;
        }
        return inverse;
    }

    /**
     * Rotary position embedding (Su et al., <i>RoFormer</i>, 2021) of one head, in place: rotates pair i by the angle
     * whose cosine and sine are given: {@code (a·cos - b·sin, b·cos + a·sin)}; each product is rounded. The backward is
     * the same rotation with the sines negated.
     *
     * @param x the head's {@code 2 * pairs} elements; modified
     * @param xOffset index of the first
     * @param cos cosines; not modified
     * @param sin sines; not modified
     * @param angle index of the first pair's angle in both
     * @param pairs how many
     * @param adjacent true if the elements of a pair are neighbours (RoFormer, models of llama.cpp), false if they are
     *     {@code pairs} apart (Hugging Face's {@code rotate_half})
     */
    default void rotate(float[] x, int xOffset, float[] cos, float[] sin, int angle, int pairs, boolean adjacent) {
        if (adjacent) {
            for (int i = 0; i < pairs; i++) {
                float a = x[xOffset + 2 * i];
                float b = x[xOffset + 2 * i + 1];
                x[xOffset + 2 * i] = a * cos[angle + i] - b * sin[angle + i];
                x[xOffset + 2 * i + 1] = b * cos[angle + i] + a * sin[angle + i];
            }
            return;
        }
        for (int i = 0; i < pairs; i++) {
            float a = x[xOffset + i];
            float b = x[xOffset + pairs + i];
            x[xOffset + i] = a * cos[angle + i] - b * sin[angle + i];
            x[xOffset + pairs + i] = b * cos[angle + i] + a * sin[angle + i];
        }
    }

    /**
     * Adds one row to each row of a matrix: {@code y[r, i] += b[i]}.
     *
     * @param b {@code columns} elements; not modified
     * @param y {@code [rows, columns]}, row-major from index 0; modified
     * @param columns how many
     */
    default void addToRows(float[] b, float[] y, int columns) {
        for (int at = 0; at < y.length; at += columns) {
            for (int i = 0; i < columns; i++) {
                y[at + i] += b[i];
            }
        }
    }

    /**
     * Adds the rows of a matrix to one row, in order: {@code s[i] += g[0, i]}, then {@code += g[1, i]}, and so on.
     *
     * @param g {@code [rows, columns]}, row-major from index 0; not modified
     * @param s {@code columns} elements; modified
     * @param columns how many
     */
    default void addRowsTo(float[] g, float[] s, int columns) {
        for (int at = 0; at < g.length; at += columns) {
            for (int i = 0; i < columns; i++) {
                s[i] += g[at + i];
            }
        }
    }
}
