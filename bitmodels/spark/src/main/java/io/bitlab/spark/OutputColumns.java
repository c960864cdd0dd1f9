package io.bitlab.spark;

import io.bitlab.models.vision.ClassNames;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;

/** The columns that scoring adds. */
final class OutputColumns {

    private OutputColumns() {
    }

    static StructField of(String name, DataType type) {
        return new StructField(name, type, true, Metadata.empty());
    }

    /** The name of the most probable class, its probability, and those of all classes, whose names are metadata. */
    static List<StructField> classes(ClassNames names) {
        Metadata classes = new MetadataBuilder().putStringArray("classes", names.toList().toArray(String[]::new))
                .build();
        return List.of(of("prediction", DataTypes.StringType), of("probability", DataTypes.FloatType),
                new StructField("probabilities", DataTypes.createArrayType(DataTypes.FloatType, false), true, classes));
    }

    /** The values for {@link #classes}. Of equally probable classes, the first. */
    static Object[] values(ClassNames names, float... probabilities) {
        int best = 0;
        for (int i = 1; i < probabilities.length; i++) {
            best = probabilities[i] > probabilities[best] ? i : best;
        }
        return new Object[] {names.name(best), probabilities[best], probabilities};
    }
}
