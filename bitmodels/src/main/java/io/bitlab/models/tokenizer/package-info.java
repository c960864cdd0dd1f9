/**
 * Tokenizers: text to token ids, and back.
 *
 * <p>A {@link io.bitlab.models.tokenizer.Tokenizer} encodes and decodes. Small models can use characters
 * ({@link io.bitlab.models.tokenizer.CharacterTokenizer}) or bytes ({@link io.bitlab.models.tokenizer.ByteTokenizer}):
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="encode"}
 *
 * <p>Published models bring their tokenizer along, in a {@code tokenizer.json} or in a GGUF file. It is read as a
 * {@link io.bitlab.models.tokenizer.BpeTokenizer} or a {@link io.bitlab.models.tokenizer.SentencePieceTokenizer}, and
 * gives the same ids as Hugging Face's library:
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="files"}
 *
 * <p>Text of users goes through {@code encode}, which never reads special tokens in it. {@code encodeWithSpecial} does,
 * and is for text that you wrote yourself:
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="special"}
 *
 * <p>A prompt that mixes both is a list of {@link io.bitlab.models.tokenizer.PromptSegment}. For chats,
 * {@link io.bitlab.models.generate.ChatTemplate} writes it.
 *
 * <p>To show text while it is generated, a {@link io.bitlab.models.tokenizer.StreamingDecoder} decodes one token at a
 * time:
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="stream"}
 *
 * <p>Files are not trusted: a damaged or unsupported one is refused with a
 * {@link io.bitlab.models.io.ModelFormatException} that names the problem.
 */
package io.bitlab.models.tokenizer;
