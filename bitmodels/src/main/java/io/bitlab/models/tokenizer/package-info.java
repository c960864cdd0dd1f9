/**
 * Text for language models: tokenizers, chats, and models that write.
 *
 * <p>A {@link io.bitlab.models.tokenizer.Tokenizer} turns text into ids and back. Published models bring theirs along,
 * in a {@code tokenizer.json} or in a GGUF file; small ones of your own can do with characters or bytes:
 *
 * {@snippet :
 * Tokenizer published = Tokenizers.read(Path.of("model/tokenizer.json"));
 * Tokenizer fromGguf = GgufTokenizer.read(metadata, "model.gguf");
 * Tokenizer characters = CharacterTokenizer.of(trainingText);
 * Tokenizer bytes = new ByteTokenizer();
 *
 * int[] ids = characters.encode("to be");
 * String text = characters.decode(ids);
 * Tokenizers.write(characters, Path.of("my-model/tokenizer.json"));
 * }
 *
 * <p>A chat is encoded in the form that the model was trained with, and its answer shown while it comes:
 *
 * {@snippet :
 * int[] prompt = ChatTemplate.LLAMA3.encode(List.of(ChatMessage.user("Who are you?")), published);
 *
 * StreamingDecoder decoder = new StreamingDecoder(published);
 * for (int id = next(); !published.endTokens().contains(id); id = next()) {
 *     System.out.print(decoder.append(id)); // whole characters only
 * }
 * System.out.print(decoder.finish());
 * }
 *
 * <p>A {@link io.bitlab.models.generate.TextGenerator} does all this with a model of
 * {@link io.bitlab.models.transformer}, and a {@link io.bitlab.models.generate.ChatSession} remembers what was said:
 *
 * {@snippet :
 * TextGenerator generator = TextGenerator.builder(model, published)
 *         .sampling(SamplingConfig.TEXT.withSeed(7)).maxTokens(200).stopStrings("\n\n").build();
 * Generation story = generator.generate("Once upon a time", System.out::print);
 *
 * ChatSession chat = generator.newChat(ChatTemplate.LLAMA3, ChatMessage.system("Answer briefly."));
 * Generation answer = chat.ask("Who are you?", System.out::print);
 * }
 *
 * <p>Text of users goes through {@code encode}, which sees no special tokens in it. {@code encodeWithSpecial} does, and
 * is for text that you wrote yourself.
 *
 * <p>Readers trust nothing: a damaged vocabulary gets a {@link io.bitlab.models.io.ModelFormatException} that says what
 * is wrong with it.
 */
package io.bitlab.models.tokenizer;
