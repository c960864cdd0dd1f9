/** JMH benchmarks. Each checks its result, and says which kernel ran. */
package io.bitlab.benchmarks;
