package io.bitlab.core.math;

/**
 * Products and sums of float arrays in one defined order, so that every implementation gives the same bits.
 *
 * <ul>
 * <li><b>gemm</b>: each element of C is one chain over k, ascending: {@code acc = fma(a, b, acc)}, see {@link Fma}. The
 * chain starts at 0, or at the element's old value when accumulating.
 * <li><b>sums</b> ({@link #sum}, {@link #dot}): element i is added to partial i mod 16, by {@code fma} where there is a
 * product; the 16 partials are then added as a tree: 0 and 8, 1 and 9, ...; then 0 and 4, ...; then 0 and 2, 1 and 3;
 * then 0 and 1.
 * </ul>
 *
 * <p>Matrices are dense and row-major; an offset says where in its array a matrix begins. Sizes are checked by the
 * callers. Implementations are stateless and safe to share.
 */
public interface FloatMath {

    /**
     * The implementation for this machine: vectors where the Vector API and hardware FMA are there, else plain Java.
     *
     * @return always the same object
     */
    static FloatMath get() {
        return ChosenFloatMath.INSTANCE;
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
     * @param accumulate whether the chains start at C's old values
     */
    void gemm(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            boolean accumulate);

    /**
     * {@code C[m,n] = A[m,k] · B[n,k]ᵀ}: both operands with k along the rows, the forward of a linear layer.
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
     * @param accumulate whether the chains start at C's old values
     */
    void gemmTransposedB(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            boolean accumulate);

    /**
     * {@code C[m,n] = A[k,m]ᵀ · B[k,n]}: the sum over a batch of outer products, a weight gradient.
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
     * @param accumulate whether the chains start at C's old values
     */
    void gemmTransposedA(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            boolean accumulate);

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
}
