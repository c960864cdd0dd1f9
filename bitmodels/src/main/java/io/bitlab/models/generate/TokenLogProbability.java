package io.bitlab.models.generate;

/**
 * A token and how likely the model found it.
 *
 * @param token the id
 * @param text what the token decodes to, with U+FFFD for bytes that are only part of a character; for a special token
 *     its spelling, such as {@code <|eot_id|>}
 * @param bytes what the token decodes to; empty for a special token. An array that belongs to the receiver
 * @param logProbability the natural logarithm of the probability, at most 0; negative infinity for a token that the
 *     model itself rules out
 */
public record TokenLogProbability(int token, String text, byte[] bytes, double logProbability) {}
