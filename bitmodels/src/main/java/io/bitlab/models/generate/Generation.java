package io.bitlab.models.generate;

/**
 * What came of a prompt.
 *
 * @param text the text after the prompt, up to a stop string or a stop token
 * @param tokens all tokens that were drawn, with a stop token and those of a stop string; an array of the receiver's
 *     own
 * @param reason why it ended
 * @param figures how much was done in which time
 */
public record Generation(String text, int[] tokens, FinishReason reason, GenerationStats figures) {}
