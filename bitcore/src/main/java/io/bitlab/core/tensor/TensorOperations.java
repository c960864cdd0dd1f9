package io.bitlab.core.tensor;

import io.bitlab.core.ops.Arithmetic;
import io.bitlab.core.ops.Indexing;
import io.bitlab.core.ops.Matmul;
import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.ops.Reductions;

/**
 * The fluent methods of {@link Tensor}, such as {@code x.matmul(w).tanh()}. They only forward to {@code core.ops}; see
 * there for the formula, the gradient and the errors of each operation.
 */
abstract sealed class TensorOperations permits Tensor {

    private Tensor self() {
        return (Tensor) this;
    }

    // ---------------------------------------------------------------- arithmetic

    /**
     * Elementwise sum, broadcast; see {@link Arithmetic#add}.
     *
     * @param other the other operand
     * @return {@code this + other}
     */
    public Tensor add(Tensor other) {
        return Arithmetic.add(self(), other);
    }

    /**
     * Adds a number to each element.
     *
     * @param value the number
     * @return {@code this + value}
     */
    public Tensor add(float value) {
        return Arithmetic.add(self(), Tensor.scalar(value));
    }

    /**
     * Elementwise difference, broadcast; see {@link Arithmetic#sub}.
     *
     * @param other the other operand
     * @return {@code this - other}
     */
    public Tensor sub(Tensor other) {
        return Arithmetic.sub(self(), other);
    }

    /**
     * Elementwise product, broadcast; see {@link Arithmetic#mul}.
     *
     * @param other the other operand
     * @return {@code this * other}
     */
    public Tensor mul(Tensor other) {
        return Arithmetic.mul(self(), other);
    }

    /**
     * Multiplies each element by a number.
     *
     * @param factor the number
     * @return {@code this * factor}
     */
    public Tensor mul(float factor) {
        return Arithmetic.mul(self(), Tensor.scalar(factor));
    }

    /**
     * Elementwise quotient, broadcast; see {@link Arithmetic#div}.
     *
     * @param other the divisor
     * @return {@code this / other}
     */
    public Tensor div(Tensor other) {
        return Arithmetic.div(self(), other);
    }

    /**
     * Matrix product of the last two axes; leading axes are broadcast. See {@link Matmul#matmul}.
     *
     * @param other {@code [..., k, n]}
     * @return {@code [..., m, n]} for this {@code [..., m, k]}
     */
    public Tensor matmul(Tensor other) {
        return Matmul.matmul(self(), other);
    }

    // ---------------------------------------------------------------- reductions

    /**
     * Sum of all elements.
     *
     * @return a scalar
     */
    public Tensor sum() {
        return Reductions.sum(reshape(self().size()), 0);
    }

    /**
     * Sum along one axis; see {@link Reductions#sum}.
     *
     * @param axis the axis to remove; -1 is the last
     * @return the sums, without that axis
     */
    public Tensor sum(int axis) {
        return Reductions.sum(self(), axis);
    }

    /**
     * Mean of all elements.
     *
     * @return a scalar
     */
    public Tensor mean() {
        return Reductions.mean(reshape(self().size()), 0);
    }

    /**
     * Mean along one axis; see {@link Reductions#mean}.
     *
     * @param axis the axis to remove; -1 is the last
     * @return the means, without that axis
     */
    public Tensor mean(int axis) {
        return Reductions.mean(self(), axis);
    }

    /**
     * Largest element along one axis; see {@link Reductions#max}.
     *
     * @param axis the axis to remove; -1 is the last
     * @return the maxima, without that axis; the gradient goes to the first of equal elements
     */
    public Tensor max(int axis) {
        return Reductions.max(self(), axis);
    }

    /**
     * Softmax along one axis; see {@link Reductions#softmax}.
     *
     * @param axis the axis; -1 is the last
     * @return {@code exp(x - max) / sum(exp(x - max))}, of this shape
     */
    public Tensor softmax(int axis) {
        return Reductions.softmax(self(), axis);
    }

    /**
     * Logarithm of the softmax along one axis, without underflow; see {@link Reductions#logSoftmax}.
     *
     * @param axis the axis; -1 is the last
     * @return {@code x - max - log(sum(exp(x - max)))}, of this shape
     */
    public Tensor logSoftmax(int axis) {
        return Reductions.logSoftmax(self(), axis);
    }

    // ---------------------------------------------------------------- indexing

    /**
     * The same elements in another shape; see {@link Indexing#reshape}.
     *
     * @param newShape lengths of the axes; one of them may be -1 and is then computed
     * @return a view: it shares this tensor's values
     */
    public Tensor reshape(int... newShape) {
        return Indexing.reshape(self(), newShape);
    }

    /**
     * Swaps the last two axes.
     *
     * @return the transposed copy
     */
    public Tensor transpose() {
        return Indexing.transpose(self(), -2, -1);
    }

    /**
     * Swaps two axes; see {@link Indexing#transpose}.
     *
     * @param axis an axis
     * @param other another axis
     * @return the transposed copy
     */
    public Tensor transpose(int axis, int other) {
        return Indexing.transpose(self(), axis, other);
    }

    /**
     * A range of an axis; see {@link Indexing#slice}.
     *
     * @param axis the axis
     * @param from first index
     * @param to index after the last
     * @return a copy of that range
     */
    public Tensor slice(int axis, int from, int to) {
        return Indexing.slice(self(), axis, from, to);
    }

    /**
     * Selects positions along an axis, such as rows of an embedding; see {@link Indexing#gather}.
     *
     * @param axis the axis
     * @param indices the positions in the order of the result; repeats are allowed
     * @return a copy with {@code indices.length} positions along the axis
     */
    public Tensor gather(int axis, int... indices) {
        return Indexing.gather(self(), axis, indices);
    }

    // ---------------------------------------------------------------- elementwise functions

    /**
     * Elementwise exponential; see {@link Pointwise#exp}.
     *
     * @return e to the power of each element
     */
    public Tensor exp() {
        return Pointwise.exp(self());
    }

    /**
     * Elementwise natural logarithm; see {@link Pointwise#log}.
     *
     * @return ln of each element
     */
    public Tensor log() {
        return Pointwise.log(self());
    }

    /**
     * Elementwise square root; see {@link Pointwise#sqrt}.
     *
     * @return the square root of each element
     */
    public Tensor sqrt() {
        return Pointwise.sqrt(self());
    }

    /**
     * Elementwise hyperbolic tangent; see {@link Pointwise#tanh}.
     *
     * @return tanh of each element
     */
    public Tensor tanh() {
        return Pointwise.tanh(self());
    }

    /**
     * Elementwise logistic function; see {@link Pointwise#sigmoid}.
     *
     * @return {@code 1 / (1 + exp(-x))} of each element
     */
    public Tensor sigmoid() {
        return Pointwise.sigmoid(self());
    }

    /**
     * Elementwise rectifier; see {@link Pointwise#relu}.
     *
     * @return {@code max(x, 0)} of each element
     */
    public Tensor relu() {
        return Pointwise.relu(self());
    }
}
