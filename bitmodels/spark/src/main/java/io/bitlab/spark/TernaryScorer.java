package io.bitlab.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Adds what a ternary model says to the rows of a data set: classes and numbers of tables, vectors and continuations of
 * texts, what is on pictures and where.
 *
 * {@snippet class="io.bitlab.spark.snippets.SparkSnippets" region="score"}
 *
 * <p>The model's files travel once to each executor, which loads one model for all of its tasks. The results are the
 * bits that the library computes for each row alone, whatever the partitions, the executors and the batches.
 *
 * <table>
 * <caption>What is read and added</caption>
 * <tr><th>model</th><th>columns read</th><th>columns added</th></tr>
 * <tr><td>{@link io.bitlab.models.tabular.Classifier}</td><td>its columns, by name</td>
 * <td>{@code prediction string, probability float, probabilities array<float>}</td></tr>
 * <tr><td>{@link io.bitlab.models.tabular.Regressor}</td><td>its columns, by name</td>
 * <td>{@code prediction double}</td></tr>
 * <tr><td>{@link io.bitlab.models.transformer.BitTransformer}</td><td>{@code text string}</td>
 * <td>{@code embedding array<float>}; with {@link #generating}: {@code generated string, finish_reason string}</td>
 * </tr>
 * <tr><td>{@link io.bitlab.models.vision.ImageClassifier}</td><td>{@code content binary}</td>
 * <td>as of a {@code Classifier}</td></tr>
 * <tr><td>{@link io.bitlab.models.detection.BitDetector}</td><td>{@code content binary}</td><td>{@code detections
 * array<struct<name string, score float, left double, top double, right double, bottom double>>}, in pixels</td></tr>
 * </table>
 *
 * <p>{@code probabilities} are in the order of the classes, whose names are the column's metadata {@code classes}. The
 * last added column, {@code error string}, says why a row could not be scored; its results are null, and the job goes
 * on. A null text or picture has null results and no error. A null in a table is a missing value, which the model fills
 * or refuses as it was trained to.
 *
 * <p><b>Thread safety:</b> immutable; threads may share one. It stays in the driver.
 */
public final class TernaryScorer {

    private final SharedModel model;
    private final ScoringSettings settings;
    private final RowScorer<?> scorer;
    private final Sent sent;

    private TernaryScorer(SharedModel model, ScoringSettings settings, Sent sent) {
        this.model = model;
        this.settings = settings;
        this.sent = sent;
        scorer = RowScorer.of(model.loaded(), settings);
    }

    /** The model as it was last sent, for the scorers of one model. */
    private static final class Sent {
        private SparkContext context;
        private Broadcast<SharedModel> broadcast;

        synchronized Broadcast<SharedModel> to(SparkContext target, SharedModel model) {
            if (target != context) {
                broadcast = JavaSparkContext.fromSparkContext(target).broadcast(model);
                context = target;
            }
            return broadcast;
        }
    }

    /**
     * Loads a model.
     *
     * @param path a folder or a GGUF file, on the driver, as {@link io.bitlab.models.AutoBitModel#load(Path)} reads it
     * @return its scorer
     * @throws io.bitlab.models.io.ModelFormatException if a file is damaged, or the kind of model is not known
     * @throws IOException if a file is missing, can't be read, or has 2 GiB or more
     * @throws IllegalArgumentException if the model can't score rows: it knows no names of columns or classes
     */
    public static TernaryScorer load(Path path) throws IOException {
        LoadedModel loaded = LoadedModel.of(path);
        return new TernaryScorer(new SharedModel(ModelFiles.read(path), loaded), ScoringSettings.DEFAULT, new Sent());
    }

    /**
     * Sets the column of the texts or pictures.
     *
     * @param column its name; default {@code text}, and {@code content} for pictures, as of {@code binaryFile}
     * @return another scorer of the same model
     * @throws IllegalArgumentException if this is a model of tables, which finds its columns by name
     */
    public TernaryScorer withInput(String column) {
        Objects.requireNonNull(column, "TernaryScorer: the column is null");
        return with(new ScoringSettings(column, settings.prefix(), settings.batchRows(), settings.generation()));
    }

    /**
     * Sets how the names of the added columns begin.
     *
     * @param prefix such as {@code fruit_} for {@code fruit_prediction}; default empty
     * @return another scorer of the same model
     */
    public TernaryScorer withPrefix(String prefix) {
        Objects.requireNonNull(prefix, "TernaryScorer: the prefix is null, expected \"\" for none");
        return with(new ScoringSettings(settings.input(), prefix, settings.batchRows(), settings.generation()));
    }

    /**
     * Sets how many rows are computed at a time. It changes memory and speed, but no result.
     *
     * @param rows at least 1; default 512 for tables, 64 for texts, 8 for pictures, and 1 for generation
     * @return another scorer of the same model
     */
    public TernaryScorer withBatchRows(int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("TernaryScorer: batches of " + rows + " rows, expected at least 1");
        }
        return with(new ScoringSettings(settings.input(), settings.prefix(), rows, settings.generation()));
    }

    /**
     * Lets a language model continue texts instead of turning them into vectors. The seed is the generator's, so the
     * same text has the same continuation in every row.
     *
     * @param generation sets length, sampling and so on
     * @return another scorer of the same model
     * @throws IllegalArgumentException if this is no language model
     */
    public TernaryScorer generating(GeneratorSettings generation) {
        Objects.requireNonNull(generation, "TernaryScorer: the settings are null, expected builder -> builder");
        return with(new ScoringSettings(settings.input(), settings.prefix(), settings.batchRows(), generation));
    }

    private TernaryScorer with(ScoringSettings changed) {
        return new TernaryScorer(model, changed, sent);
    }

    /**
     * The schema of scored rows.
     *
     * @param input the schema of the rows
     * @return that with the added columns
     * @throws IllegalArgumentException if a column is missing or of a type that can't be read, or there already is one
     *     with the name of an added one
     */
    public StructType outputSchema(StructType input) {
        inputs(input);
        List<StructField> fields = new ArrayList<>(Arrays.asList(input.fields()));
        for (StructField field : added().fields()) {
            if (Arrays.stream(input.fieldNames()).anyMatch(field.name()::equalsIgnoreCase)) {
                throw new IllegalArgumentException("TernaryScorer.transform: there already is a column '"
                        + field.name() + "'; choose other names with withPrefix, or drop it");
            }
            fields.add(field);
        }
        return new StructType(fields.toArray(StructField[]::new));
    }

    /** The columns that are added. */
    StructType added() {
        List<StructField> fields = new ArrayList<>(scorer.outputs());
        fields.add(OutputColumns.of(BatchScoring.ERROR, DataTypes.StringType));
        return new StructType(fields.stream().map(field -> new StructField(settings.prefix() + field.name(),
                field.dataType(), true, field.metadata())).toArray(StructField[]::new));
    }

    private int[] inputs(StructType schema) {
        List<String> names = List.of(schema.fieldNames());
        return scorer.inputs().stream().mapToInt(input -> {
            int index = names.indexOf(input);
            if (index < 0) {
                throw new IllegalArgumentException("TernaryScorer.transform: there is no column '" + input
                        + "' among " + names + ", which the model needs; rename the column that it should read"
                        + names.stream().filter(input::equalsIgnoreCase).findFirst()
                                .map(name -> ", such as '" + name + "'").orElse(""));
            }
            if (index != names.lastIndexOf(input)) {
                throw new IllegalArgumentException("TernaryScorer.transform: there are several columns '" + input
                        + "' among " + names + "; rename or drop those that the model should not read");
            }
            String refusal = scorer.refusal(input, schema.fields()[index].dataType());
            if (refusal != null) {
                throw new IllegalArgumentException("TernaryScorer.transform: the column '" + input + "' is of type "
                        + schema.fields()[index].dataType().simpleString() + ", expected " + refusal + "; cast it");
            }
            return index;
        }).toArray();
    }

    /**
     * Scores rows, when Spark runs the query.
     *
     * @param rows with the columns that the model reads, and others, which are kept; not modified
     * @return the rows with the added columns, in the same partitions and order
     * @throws IllegalArgumentException as for {@link #outputSchema}, or if the rows are a stream (score its batches
     *     with {@code foreachBatch}) or of a client of Spark Connect
     */
    public Dataset<Row> transform(Dataset<Row> rows) {
        StructType schema = outputSchema(rows.schema());
        if (!(rows instanceof org.apache.spark.sql.classic.Dataset<Row> classic)) {
            throw new IllegalArgumentException("TernaryScorer.transform: a data set of " + rows.getClass().getName()
                    + " is not in this JVM; call it in the driver, not in a client of Spark Connect");
        }
        if (rows.isStreaming()) {
            throw new IllegalArgumentException("TernaryScorer.transform: the data set is a stream; score its batches: "
                    + "writeStream().foreachBatch((batch, id) -> ... scorer.transform(batch) ...)");
        }
        ScoredRdd scored = new ScoredRdd(classic, added(), broadcast(rows.sparkSession().sparkContext()), settings,
                inputs(rows.schema()));
        return classic.sparkSession().internalCreateDataFrame(scored, schema, false);
    }

    Broadcast<SharedModel> broadcast(SparkContext context) {
        return sent.to(context, model);
    }

    RowScorer<?> scorer() {
        return scorer;
    }

    @Override
    public String toString() {
        return "TernaryScorer(" + model.loaded().model() + ", " + model.files().bytes() + " bytes)";
    }
}
