/** The inner loops of products with embedding tables, in a scalar and a vector form. Not exported. */
package io.bitlab.core.embedding.loops;
