/**
 * Ternary language models as models of LangChain4j, in the same JVM, without a server.
 *
 * {@snippet class="io.bitlab.langchain4j.snippets.LangChain4jSnippets" region="chat"}
 *
 * <p>{@link io.bitlab.langchain4j.BitLabChatModel} and {@link io.bitlab.langchain4j.BitLabStreamingChatModel} answer
 * chats, {@link io.bitlab.langchain4j.BitLabEmbeddingModel} turns texts into vectors, and
 * {@link io.bitlab.langchain4j.BitLabTokenCountEstimator} counts tokens. A request for something that the models can't
 * do is refused, never ignored.
 */
package io.bitlab.langchain4j;
