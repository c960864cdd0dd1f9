package io.bitlab.models.io;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the header of a file says before the first fault in it: for programs that show files which can't be opened.
 *
 * @param <T> what is known of a tensor
 * @param metadata the metadata, as the file has it; not modifiable
 * @param tensors the tensors in file order; not modifiable. Where there is a problem, their data may not all be there
 * @param problem what opening the file throws; empty if the file can be opened
 */
public record FileOutline<T>(Map<String, ?> metadata, List<T> tensors, Optional<ModelFormatException> problem) {
}
