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
 * <p>{@link io.bitlab.models.generate.SamplingConfig} says how the next token is chosen. A
 * {@link io.bitlab.models.generate.Sampler} does the choosing, and works with logits of any origin:
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="sample"}
 *
 * <p>The same model, prompt and configuration, seed included, always generate the same text.
 */
package io.bitlab.models.generate;
