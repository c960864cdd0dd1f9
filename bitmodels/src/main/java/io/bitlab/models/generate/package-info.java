/**
 * Text generation with language models.
 *
 * <p>A {@link io.bitlab.models.generate.TextGenerator} continues a prompt with a model of
 * {@link io.bitlab.models.transformer}, token by token, and streams the text while it is generated:
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="generate"}
 *
 * <p>A {@link io.bitlab.models.generate.ChatSession} adds the turns of a chat, in the format that the model was trained
 * with (a {@link io.bitlab.models.generate.ChatTemplate}), and keeps what the model has already read:
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="chat"}
 *
 * <p>A server that keeps no chats gives all messages each time, and sets for each request what it asks for:
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="messages"}
 *
 * <p>{@link io.bitlab.models.generate.ChatTemplates} recognises the format of a model from its files. A
 * {@linkplain io.bitlab.models.grammar grammar} keeps the text to a choice, a regular expression or JSON, a
 * {@link io.bitlab.models.generate.LogitsProcessor} to anything else, and
 * {@link io.bitlab.models.generate.LogProbabilities} say how likely each token was.
 *
 * <p>{@link io.bitlab.models.generate.SamplingConfig} says how the next token is chosen. A
 * {@link io.bitlab.models.generate.Sampler} does the choosing, and works with logits of any origin:
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="sample"}
 *
 * <p>A {@link io.bitlab.models.generate.TextEncoder} turns texts into vectors that can be compared:
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="embed"}
 *
 * <p>The same model, prompt and configuration, seed included, always generate the same text.
 */
package io.bitlab.models.generate;
