package io.bitlab.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.CreateStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Ternary models in SQL.
 *
 * {@snippet class="io.bitlab.spark.snippets.SparkSnippets" region="sql"}
 *
 * <p>{@code bitlab_predict(path, feature, ...)} returns a struct of the columns that {@link TernaryScorer} adds for the
 * model, {@code error} included. The path is a constant. The features are those that the model reads, in its order: the
 * columns of a table's model ({@link io.bitlab.models.tabular.Classifier#columns}), or a text or picture. A model is
 * loaded once for all queries of the session; register the function again to load a changed one. Rows are computed one
 * by one, so {@link TernaryScorer#transform} is faster.
 *
 * <p><b>Thread safety:</b> any number of threads may register and use it.
 */
public final class SparkFunctions {

    /** The name of the function. */
    public static final String PREDICT = "bitlab_predict";

    private SparkFunctions() {
    }

    /**
     * Adds the function to a session, in place of an earlier one.
     *
     * @param session a session in this JVM
     * @throws IllegalArgumentException if it is a session of Spark Connect
     */
    public static void register(SparkSession session) {
        if (!(session instanceof org.apache.spark.sql.classic.SparkSession classic)) {
            throw new IllegalArgumentException("SparkFunctions.register: a session of " + session.getClass().getName()
                    + " has no functions of its own; call it in the driver");
        }
        ConcurrentMap<String, TernaryScorer> scorers = new ConcurrentHashMap<>(); // as long as the session has it
        classic.sessionState().functionRegistry().createOrReplaceTempFunction(PREDICT,
                arguments -> call(classic, scorers, CollectionConverters.asJava(arguments)), "java_udf");
    }

    private static Expression call(org.apache.spark.sql.classic.SparkSession session,
            ConcurrentMap<String, TernaryScorer> scorers, List<Expression> arguments) {
        if (arguments.isEmpty() || !(arguments.getFirst() instanceof Literal path) || path.value() == null) {
            throw new IllegalArgumentException(PREDICT + ": the first argument is "
                    + (arguments.isEmpty() ? "missing" : arguments.getFirst().sql())
                    + ", expected the path of a model as a constant text");
        }
        TernaryScorer scorer = scorers.computeIfAbsent(path.value().toString(), SparkFunctions::load);
        List<String> inputs = scorer.scorer().inputs();
        List<Expression> features = arguments.subList(1, arguments.size());
        if (features.size() != inputs.size()) {
            throw new IllegalArgumentException(PREDICT + ": " + features.size() + " features, expected "
                    + inputs.size() + ": " + inputs);
        }
        for (int i = 0; i < inputs.size(); i++) {
            String refusal = scorer.scorer().refusal(inputs.get(i), features.get(i).dataType());
            if (refusal != null) {
                throw new IllegalArgumentException(PREDICT + ": the feature '" + inputs.get(i) + "' is of type "
                        + features.get(i).dataType().simpleString() + ", expected " + refusal + "; cast it");
            }
        }
        PredictFunction function =
                new PredictFunction(scorer.broadcast(session.sparkContext()), ScoringSettings.DEFAULT);
        return new ScalaUDF(function, scorer.added(), seq(CreateStruct.create(seq(features))), seq(List.of()),
                Option.empty(), Option.apply(PREDICT), true, true);
    }

    private static TernaryScorer load(String path) {
        try {
            return TernaryScorer.load(Path.of(path));
        } catch (IOException e) {
            throw new UncheckedIOException(PREDICT + ": " + e.getMessage(), e);
        }
    }

    private static Seq<Expression> seq(Expression expression) {
        return seq(List.of(expression));
    }

    private static <T> Seq<T> seq(List<? extends T> list) {
        return CollectionConverters.<T>asScala(List.copyOf(list)).toSeq();
    }
}
