/** Benchmarks of the library, and what their programs share. No other module depends on them. */
package io.bitlab.benchmarks;
