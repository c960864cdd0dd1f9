package io.bitlab.models.vision;

/**
 * A class that a sample, such as a picture, may belong to.
 *
 * @param name the name of the class
 * @param index the class, from 0
 * @param probability from 0 to 1; those of all classes add up to 1
 */
public record Prediction(String name, int index, float probability) {
}
