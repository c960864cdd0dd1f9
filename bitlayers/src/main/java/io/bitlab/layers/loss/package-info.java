/** What training makes small. A loss returns a scalar tensor; call {@code backward()} on it. */
package io.bitlab.layers.loss;
