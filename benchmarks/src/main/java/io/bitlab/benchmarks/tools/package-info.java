/**
 * Programs that measure what JMH can't: whole models, start-up, profiles, and the loss that rounding costs. The folder
 * {@code scripts} of the checkout has a short command for each.
 */
package io.bitlab.benchmarks.tools;
