/** Finds the kinds of models behind {@link io.bitlab.models.AutoBitModel}; internal. */
package io.bitlab.models.auto;
