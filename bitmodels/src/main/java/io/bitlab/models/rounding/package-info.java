/** How rounding errors are measured when models are written, loaded and compared; internal. */
package io.bitlab.models.rounding;
