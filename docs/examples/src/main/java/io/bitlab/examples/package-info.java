/**
 * Programs that use the library as an application would. Each has a {@code main} and says in its comment what it
 * shows.
 */
package io.bitlab.examples;
