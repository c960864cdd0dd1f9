/**
 * Runs the JMH benchmarks and writes the tables of {@code docs/benchmarks/kernels.md}.
 *
 * <p>{@link io.bitlab.benchmarks.report.KernelTable} is the program. A {@code ReportSection} lists its {@code
 * BenchmarkCase}s; JMH's results are read back as {@code Timing}s, and a {@code ReportPage} writes them as Markdown.
 */
package io.bitlab.benchmarks.report;
