package io.bitlab.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.tabular.Classifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkFunctionsTest {

    @Test
    void sqlPredicts(@TempDir Path folder) throws Exception {
        Classifier classifier = Classifier.load(SavedModels.classifier(folder));
        SparkSession session = LocalSpark.session();
        SparkFunctions.register(session);
        String model = folder.toString().replace("\\", "\\\\");
        List<Row> rows = session.sql("select bitlab_predict('" + model + "', weight, 8.5, colour) p from values "
                + "(150.0, 'red'), (90.0, 'green'), (90.0, 'plaid') fruits(weight, colour)")
                .selectExpr("p.prediction", "p.probability", "p.error").collectAsList();
        var expected = classifier.predict(Map.of("weight", 90.0, "width", 8.5, "colour", "green"));
        assertEquals(expected.label(), rows.get(1).getString(0));
        assertEquals(expected.probability(), rows.get(1).getFloat(1));
        assertNotNull(rows.get(2).getString(2));
        assertTrue(rows.get(2).isNullAt(0));

        assertMessage("3: [weight, width, colour]", "select bitlab_predict('" + model + "', 1.0)");
        assertMessage("constant", "select bitlab_predict(weight) from values ('a') t(weight)");
        assertMessage("expected numbers", "select bitlab_predict('" + model + "', true, 1, 'red')");
    }

    private static void assertMessage(String part, String sql) {
        Exception e = assertThrows(Exception.class, () -> LocalSpark.session().sql(sql).collectAsList());
        assertTrue(e.getMessage().contains(part), e.toString());
    }
}
