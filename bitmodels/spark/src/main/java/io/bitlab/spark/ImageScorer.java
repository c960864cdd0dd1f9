package io.bitlab.spark;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageReadOptions;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.Prediction;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/** Says what is on the pictures of a binary column. */
final class ImageScorer implements RowScorer<BitImage> {

    /** The column of {@code spark.read().format("binaryFile")}. */
    static final String DEFAULT_INPUT = "content";

    /** Few: decoded pictures are large. */
    static final int BATCH_ROWS = 8;

    private final ImageClassifier model;
    private final String input;

    ImageScorer(ImageClassifier model, ScoringSettings settings) {
        this.model = model;
        this.input = settings.input() == null ? DEFAULT_INPUT : settings.input();
    }

    @Override
    public List<String> inputs() {
        return List.of(input);
    }

    @Override
    public String refusal(String column, DataType type) {
        return requireBinary(type);
    }

    static String requireBinary(DataType type) {
        return type instanceof BinaryType ? null : "the bytes of image files, binary";
    }

    @Override
    public List<StructField> outputs() {
        return OutputColumns.classes(model.config().classNames());
    }

    @Override
    public int batchRows() {
        return BATCH_ROWS;
    }

    @Override
    public BitImage prepare(Object... values) throws IOException {
        return read(values[0]);
    }

    static BitImage read(Object bytes) throws IOException {
        return bytes == null ? null : BitImage.read((byte[]) bytes, ImageReadOptions.defaults());
    }

    @Override
    public List<Object[]> score(List<BitImage> rows) {
        ClassNames names = model.config().classNames();
        return model.classify(rows, names.size()).stream().map(ranking -> {
            float[] probabilities = new float[names.size()];
            for (Prediction prediction : ranking) {
                probabilities[prediction.index()] = prediction.probability();
            }
            return OutputColumns.values(names, probabilities);
        }).toList();
    }
}
