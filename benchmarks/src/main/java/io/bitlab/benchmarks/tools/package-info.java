/** Programs that measure whole models. */
package io.bitlab.benchmarks.tools;
