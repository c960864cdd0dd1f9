package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.Json;
import io.bitlab.models.tabular.Classification;
import io.bitlab.models.tabular.Classifier;
import io.bitlab.models.tabular.CsvOptions;
import io.bitlab.models.tabular.TabularData;
import io.bitlab.models.tabular.TabularTraining;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;

/**
 * The web service that some pages build: a model that names fruit, and what the service must answer.
 *
 * @param model the folder of the model
 * @param expected what the model says of the fruit that is asked for
 */
record FruitService(Path model, Classification expected) {

    private static final Map<String, Object> FRUIT =
            Map.of("weight", 250, "length", 7.6, "width", 8.1, "colour", "red");

    /** Trains the model, below a folder. */
    static FruitService train(Path folder) throws IOException {
        Path csv = SyntheticFruit.write(folder.resolve("fruit.csv"), 300);
        Classifier classifier = TabularTraining.of(
                TabularData.readCsv(csv, CsvOptions.label("fruit").withIgnored("price"))).epochs(3).seed(1)
                .trainClassifier();
        classifier.save(folder.resolve("fruit-model"));
        return new FruitService(folder.resolve("fruit-model"), classifier.predict(FRUIT));
    }

    /** The answer to a fruit with a column that the model does not have. */
    static HttpResponse<String> askWrongly(String port) throws IOException, InterruptedException {
        return post(port, Map.of("wieght", 250));
    }

    private static HttpResponse<String> post(String port, Map<String, ?> fruit)
            throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/classify"))
                    .header("Content-Type", "application/json").POST(BodyPublishers.ofString(Json.compact(fruit)))
                    .build(), BodyHandlers.ofString());
        }
    }

    /** Asks a service that listens on a port of this machine. */
    void assertAnswersAt(String port) throws IOException, InterruptedException {
        HttpResponse<String> answer = post(port, FRUIT);
        Map<String, Object> found = Json.parse(answer.body(), "answer");
        assertEquals(expected.label(), found.get("label"), answer.body());
        assertEquals(expected.probability(), ((Number) found.get("probability")).floatValue(), answer.body());
        HttpResponse<String> wrong = askWrongly(port);
        assertEquals(400, wrong.statusCode(), wrong.body());
        assertTrue(wrong.body().contains("no column 'wieght'"), wrong.body());
    }
}
