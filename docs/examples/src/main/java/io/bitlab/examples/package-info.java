/**
 * Programs that use the library as an application would. Each has a {@code main}; its comment says what it shows.
 * {@link io.bitlab.examples.RunExample} runs one by its name.
 *
 * <p>Those with a command line are picocli commands and answer {@code --help}. The others, the programs of the
 * tutorials, take no arguments.
 */
package io.bitlab.examples;
