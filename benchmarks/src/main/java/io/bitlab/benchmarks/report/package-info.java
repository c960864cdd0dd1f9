/** Runs the benchmarks and writes their figures as the tables of {@code docs/benchmarks}. */
package io.bitlab.benchmarks.report;
