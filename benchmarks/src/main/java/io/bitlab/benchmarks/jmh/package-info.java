/** JMH benchmarks: kernels, layers, float products and the peers they are compared with. */
package io.bitlab.benchmarks.jmh;
