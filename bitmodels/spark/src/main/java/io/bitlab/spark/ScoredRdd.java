package io.bitlab.spark;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Rows with the results of a model, in the form that Spark keeps rows in: as objects of Java, wide rows would take
 * longer to convert than to score. Travels to the executors.
 */
final class ScoredRdd extends RDD<InternalRow> {

    private static final long serialVersionUID = 1;
    private static final ClassTag<InternalRow> INTERNAL_ROW = ClassTag$.MODULE$.apply(InternalRow.class);

    private final transient Dataset<?> rows; // only in the driver
    private final StructType schema;
    private final StructType added;
    private final Broadcast<SharedModel> model;
    private final ScoringSettings settings;
    private final int[] inputs;

    /**
     * Creates the rows; nothing runs yet.
     *
     * @param added the columns that scoring adds
     * @param inputs where the columns of {@link RowScorer#inputs} are in a row
     */
    ScoredRdd(Dataset<?> rows, StructType added, Broadcast<SharedModel> model, ScoringSettings settings,
            int... inputs) {
        super(rows.sparkSession().sparkContext(), CollectionConverters.<Dependency<?>>asScala(List.of()).toSeq(),
                INTERNAL_ROW);
        this.rows = rows;
        this.schema = rows.schema();
        this.added = added;
        this.model = model;
        this.settings = settings;
        this.inputs = inputs.clone();
    }

    /** When Spark asks for them, since it may already run parts of the query to plan the rest. */
    @Override
    public Seq<Dependency<?>> getDependencies() {
        return CollectionConverters.<Dependency<?>>asScala(
                List.of(new OneToOneDependency<>(rows.queryExecution().toRdd()))).toSeq();
    }

    @Override
    public Partition[] getPartitions() {
        return this.<InternalRow>firstParent(INTERNAL_ROW).partitions();
    }

    @Override
    public scala.collection.Iterator<InternalRow> compute(Partition partition, TaskContext context) {
        Iterator<InternalRow> read = CollectionConverters.asJava(
                this.<InternalRow>firstParent(INTERNAL_ROW).iterator(partition, context));
        return CollectionConverters.asScala(new ScoredRows(read, schema, added,
                RowScorer.of(model.value().loaded(), settings), settings.batchRows(), inputs));
    }
}
