package io.bitlab.spark;

import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.tabular.BitTabular;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.vision.ImageClassifier;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/**
 * What a kind of model reads of rows and adds to them.
 *
 * @param <P> a row as the model sees it
 */
interface RowScorer<P> {

    /** The columns that are read, by name. */
    List<String> inputs();

    /** Null if a column of this type can be read; else what is expected. */
    String refusal(String input, DataType type);

    /** The columns that are added. */
    List<StructField> outputs();

    /** How many rows are computed at a time, if nothing else is said. */
    int batchRows();

    /**
     * Makes of the values of a row what the model sees.
     *
     * @param values in the order of {@link #inputs}
     * @return null if there is nothing to score
     * @throws IllegalArgumentException if the row is not as the model needs it
     * @throws IOException likewise
     */
    P prepare(Object... values) throws IOException;

    /** Scores rows: for each the values of the added columns. One bad row may fail all. */
    List<Object[]> score(List<P> rows);

    /**
     * Chooses by the kind of model.
     *
     * @throws IllegalArgumentException if there is none for the kind, or it needs other settings
     */
    static RowScorer<?> of(LoadedModel loaded, ScoringSettings settings) {
        if (settings.generation() != null && !(loaded.model() instanceof BitTransformer)) {
            throw new IllegalArgumentException("TernaryScorer: generating is for language models, and this is a "
                    + loaded.model().getClass().getSimpleName() + "; leave it out");
        }
        if (settings.input() != null && loaded.model() instanceof BitTabular) {
            throw new IllegalArgumentException("TernaryScorer: withInput(\"" + settings.input() + "\") is for models "
                    + "of texts and pictures; a model of tables finds its columns by name, leave it out");
        }
        return switch (loaded.model()) {
            case BitTabular tabular -> new TableScorer(tabular);
            case ImageClassifier classifier -> new ImageScorer(classifier, settings);
            case BitDetector detector -> new DetectionScorer(detector, settings);
            case BitTransformer _ when settings.generation() != null -> new GenerationScorer(loaded, settings);
            case BitTransformer _ -> new EmbeddingScorer(loaded, settings);
            default -> throw new IllegalArgumentException("TernaryScorer: a "
                    + loaded.model().getClass().getSimpleName()
                    + " knows neither the names of columns nor of classes; expected a model of tables, pictures or "
                    + "texts, such as Classifier.train or ImageClassifier make");
        };
    }
}
