package io.bitlab.spark;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.Prediction;
import java.util.List;
import org.apache.spark.sql.types.StructField;

/** Says what is on the pictures of a binary column. */
final class ImageScorer extends PictureScorer {

    private final ImageClassifier model;

    ImageScorer(ImageClassifier model, ScoringSettings settings) {
        super(settings);
        this.model = model;
    }

    @Override
    public List<StructField> outputs() {
        return OutputColumns.classes(model.config().classNames());
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
