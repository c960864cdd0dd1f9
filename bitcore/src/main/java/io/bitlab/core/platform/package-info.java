/**
 * What the machine and the JVM offer, asked once.
 *
 * <p>Code that uses the Vector API stands in packages of its own, which nothing links against; it is loaded by name,
 * where it can run:
 *
 * <pre>{@code
 * VectorPlatform platform = VectorPlatform.current();
 * Shape shape = platform.load("com.example.vector.VectorShape", Shape.class).orElseGet(ScalarShape::new);
 * if (!platform.isUsable()) {
 *     System.out.println(platform.reason());   // a sentence with the remedy
 * }
 * }</pre>
 */
package io.bitlab.core.platform;
