/**
 * Work on several cores: {@link io.bitlab.core.parallel.Parallel} splits a range of independent items among threads.
 *
 * <p>The library's large operations split their output over {@code Parallel.current()}, which is the process-wide
 * {@code Parallel.shared()} unless the caller has bound another instance:
 *
 * {@snippet class="io.bitlab.core.snippets.ParallelSnippets" region="overview"}
 */
package io.bitlab.core.parallel;
