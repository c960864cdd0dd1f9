/**
 * What training makes small. A loss takes what the network said and what it should have said, and returns a scalar
 * tensor; call {@code backward()} on it.
 *
 * <table>
 * <caption>Which loss when</caption>
 * <tr><th>task</th><th>loss</th><th>takes</th></tr>
 * <tr><td>one of several classes</td><td>{@link io.bitlab.layers.loss.CrossEntropy}</td>
 * <td>logits {@code [..., classes]} and labels</td></tr>
 * <tr><td>yes or no, one or many questions</td><td>{@link io.bitlab.layers.loss.BinaryCrossEntropy}</td>
 * <td>logits and probabilities</td></tr>
 * <tr><td>numbers</td><td>{@link io.bitlab.layers.loss.MeanSquaredError}</td><td>predictions and targets</td></tr>
 * <tr><td>what a teacher network says</td><td>{@link io.bitlab.layers.loss.KLDivergence}</td>
 * <td>logits of both</td></tr>
 * </table>
 *
 * <p>All of them are means, so a learning rate that suits one batch size or sequence length is near for another.
 */
package io.bitlab.layers.loss;
