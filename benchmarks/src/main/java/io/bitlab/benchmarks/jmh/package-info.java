/**
 * The JMH benchmarks: kernels, layers, embeddings, float matrix products, memory bandwidth, and ONNX Runtime to compare
 * with. Each checks its result before it measures.
 */
package io.bitlab.benchmarks.jmh;
