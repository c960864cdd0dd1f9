package io.bitlab.spark;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageReadOptions;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;

/** Reads a binary column of image files. */
abstract class PictureScorer implements RowScorer<BitImage> {

    /** The column of {@code spark.read().format("binaryFile")}. */
    private static final String USUAL_INPUT = "content";

    private final String input;

    PictureScorer(ScoringSettings settings) {
        input = settings.inputOr(USUAL_INPUT);
    }

    @Override
    public final List<String> inputs() {
        return List.of(input);
    }

    @Override
    public final String refusal(String column, DataType type) {
        return type instanceof BinaryType ? null : "the bytes of image files, binary";
    }

    /** Few: decoded pictures are large. */
    @Override
    public final int batchRows() {
        return 8;
    }

    @Override
    public final BitImage prepare(Object... values) throws IOException {
        return values[0] == null ? null : BitImage.read((byte[]) values[0], ImageReadOptions.defaults());
    }
}
