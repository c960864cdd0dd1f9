package io.bitlab.models.pretrained;

import io.bitlab.models.AutoBitModel;
import java.nio.file.Path;

/**
 * What {@link AutoBitModel#export} has written.
 *
 * @param model the file with the weights
 * @param bytes its size
 * @param tokenizer the file that holds the tokenizer: a {@code tokenizer.json}, or the model's file; null if there is
 *     none
 * @param scaleError the largest relative error of a ternary matrix's scale; 0 if none was rounded
 * @param tableError the largest error of a value of embedding or head, relative to the largest value of its row; 0 if
 *     none was rounded
 */
public record ExportReport(Path model, long bytes, Path tokenizer, double scaleError, double tableError) {
}
