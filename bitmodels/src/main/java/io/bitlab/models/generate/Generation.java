package io.bitlab.models.generate;

/**
 * The result of a generation.
 *
 * @param text the generated text, without the prompt, and without the stop token or stop string that ended it
 * @param tokens all generated tokens, including a stop token and those of a stop string; an array that belongs to the
 *     receiver
 * @param reason why the generation ended
 * @param stats token counts and durations
 */
public record Generation(String text, int[] tokens, FinishReason reason, GenerationStats stats) {}
