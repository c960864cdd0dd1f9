package io.bitlab.models.pretrained;

import io.bitlab.models.AutoBitModel;
import java.nio.file.Path;

/**
 * What {@link AutoBitModel#export} wrote, and how much rounding changed.
 *
 * @param model the file with the weights
 * @param bytes its size
 * @param tokenizer the file with the tokenizer: a {@code tokenizer.json}, or the model's file; null without tokenizer
 * @param scaleError the largest relative error of a scale; 0 if none was rounded
 * @param embeddingError the largest error in embedding and output head, relative to the largest value of the row; 0 if
 *     no value was rounded
 */
public record ExportReport(Path model, long bytes, Path tokenizer, double scaleError, double embeddingError) {
}
