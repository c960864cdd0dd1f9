/**
 * What the machine and the JVM offer: {@link io.bitlab.core.platform.VectorPlatform} says whether code that uses the
 * Vector API may run, and if not, why not and what to do about it.
 */
package io.bitlab.core.platform;
