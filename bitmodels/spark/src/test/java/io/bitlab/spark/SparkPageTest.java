package io.bitlab.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.spark.snippets.SparkSnippets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of the page about Spark is compiled here, where Spark is, and run. */
class SparkPageTest {

    private static final Path PAGE = Path.of("../../docs/integrations/spark.md");
    private static final Path SNIPPETS = Path.of("src/test/java/io/bitlab/spark/snippets/SparkSnippets.java");
    // "Java", since the documentation's own test compiles "java", without Spark
    private static final Pattern BLOCK = Pattern.compile("^```Java\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    private static String withoutIndent(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n"));
    }

    @Test
    void thePageShowsTheSnippets() throws Exception {
        String compiled = withoutIndent(Files.readString(SNIPPETS));
        List<String> blocks = BLOCK.matcher(Files.readString(PAGE)).results().map((MatchResult found) -> found.group(1))
                .toList();
        assertEquals(4, blocks.size());
        for (String block : blocks) {
            assertTrue(compiled.contains(withoutIndent(block)), block);
        }
    }

    @Test
    void theSnippetsRun(@TempDir Path folder) throws Exception {
        Path model = Path.of("target/fruit-model");
        SavedModels.classifier(model);
        StructType schema = StructType.fromDDL("id int, weight double, width double, colour string");
        Dataset<Row> fruits = LocalSpark.rows(List.of(RowFactory.create(1, 150.0, 7.0, "red")), schema, 1);
        Row scored = SparkSnippets.score(fruits, model).first();
        assertNotNull(scored.getAs("prediction"));
        fruits.createOrReplaceTempView("fruits");
        assertEquals(scored.<String>getAs("prediction"),
                SparkSnippets.sql(LocalSpark.session()).first().getAs("prediction"));
        Dataset<Row> prompts = LocalSpark.rows(List.of(RowFactory.create("the lazy fox")),
                StructType.fromDDL("prompt string"), 1);
        assertNotNull(SparkSnippets.generate(prompts, SavedModels.language(folder)).first().getAs("generated"));
        SparkSnippets.train(LocalSpark.session());
    }
}
