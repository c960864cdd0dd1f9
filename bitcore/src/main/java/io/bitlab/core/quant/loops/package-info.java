/** The loops of the quantisers, in a scalar and a vector form. Not exported. */
package io.bitlab.core.quant.loops;
