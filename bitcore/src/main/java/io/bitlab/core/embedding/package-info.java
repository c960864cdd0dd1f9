/** Embedding tables of 32 to 4.5 bits a weight, and products with them. */
package io.bitlab.core.embedding;
