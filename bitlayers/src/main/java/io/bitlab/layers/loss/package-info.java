/**
 * Losses, which training minimises. A loss takes the network's output and the expected one, and returns a scalar tensor
 * whose {@code backward()} computes the gradients.
 *
 * {@snippet class="io.bitlab.layers.snippets.LossSnippets" region="crossEntropy"}
 *
 * <table>
 * <caption>Which loss when</caption>
 * <tr><th>task</th><th>loss</th><th>takes</th></tr>
 * <tr><td>one of several classes</td><td>{@link io.bitlab.layers.loss.CrossEntropy}</td>
 * <td>logits {@code [..., classes]} and labels</td></tr>
 * <tr><td>yes or no, for one or many questions</td><td>{@link io.bitlab.layers.loss.BinaryCrossEntropy}</td>
 * <td>logits and probabilities</td></tr>
 * <tr><td>regression</td><td>{@link io.bitlab.layers.loss.MeanSquaredError}</td><td>predictions and targets</td></tr>
 * <tr><td>distillation from a teacher network</td><td>{@link io.bitlab.layers.loss.KLDivergence}</td>
 * <td>logits of both</td></tr>
 * </table>
 *
 * <p>All of them are means over rows, so that the learning rate depends little on batch size and sequence length.
 */
package io.bitlab.layers.loss;
