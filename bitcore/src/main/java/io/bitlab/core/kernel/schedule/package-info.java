/**
 * How threads share a ternary product: what the library's kernels tell {@code TernaryMatmul} about their operands
 * beyond the public contract of a kernel. Not exported.
 */
package io.bitlab.core.kernel.schedule;
