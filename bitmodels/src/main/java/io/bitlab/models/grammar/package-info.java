/**
 * Grammars that generated text has to obey: choices, regular expressions, JSON.
 *
 * {@snippet class="io.bitlab.models.snippets.GrammarSnippets" region="grammar"}
 *
 * <p>A {@link io.bitlab.models.grammar.Grammar} becomes a deterministic automaton over the bytes of UTF-8. Which tokens
 * may follow in one of its states is found by running it over the sorted vocabulary, and remembered. Willard and Louf,
 * <i>Efficient Guided Generation for Large Language Models</i>, 2023.
 *
 * <p>{@link io.bitlab.models.generate.TextGeneratorBuilder#grammar} is all that most programs need. For your own
 * decoding loop, a {@link io.bitlab.models.grammar.TokenConstraint} masks logits:
 *
 * {@snippet class="io.bitlab.models.snippets.GrammarSnippets" region="constraint"}
 */
package io.bitlab.models.grammar;
