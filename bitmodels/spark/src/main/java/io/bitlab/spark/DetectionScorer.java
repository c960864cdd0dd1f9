package io.bitlab.spark;

import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectedObject;
import io.bitlab.models.image.BitImage;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Finds objects on the pictures of a binary column, with the options of the model. */
final class DetectionScorer extends PictureScorer {

    private static final StructType OBJECT = new StructType(new StructField[] {
        OutputColumns.of("name", DataTypes.StringType), OutputColumns.of("score", DataTypes.FloatType),
        OutputColumns.of("left", DataTypes.DoubleType), OutputColumns.of("top", DataTypes.DoubleType),
        OutputColumns.of("right", DataTypes.DoubleType), OutputColumns.of("bottom", DataTypes.DoubleType)});

    private final BitDetector model;

    DetectionScorer(BitDetector model, ScoringSettings settings) {
        super(settings);
        this.model = model;
    }

    @Override
    public List<StructField> outputs() {
        return List.of(OutputColumns.of("detections", DataTypes.createArrayType(OBJECT, false)));
    }

    @Override
    public List<Object[]> score(List<BitImage> rows) {
        return model.detect(rows, model.config().options()).stream()
                .map(found -> new Object[] {found.objects().stream().map(DetectionScorer::row).toArray(Row[]::new)})
                .toList();
    }

    private static Row row(DetectedObject object) {
        return RowFactory.create(object.name(), object.score(), object.box().left(), object.box().top(),
                object.box().right(), object.box().bottom());
    }
}
