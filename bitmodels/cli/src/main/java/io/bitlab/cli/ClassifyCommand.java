package io.bitlab.cli;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.io.Json;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.Prediction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what is on pictures, with a model that {@code bitlab train images} has saved. */
@Command(name = "classify", mixinStandardHelpOptions = true, description = "Says what is on pictures.")
final class ClassifyCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "MODEL", description = "folder of the model")
    private Path model;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "FILE", description = "the pictures")
    private List<Path> files;

    @Option(names = "--top", defaultValue = "3", description = "guesses for each; ${DEFAULT-VALUE} unless given")
    private int top;

    @Option(names = "--json", description = "print a line of JSON for each picture")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (top < 1) {
            throw new IllegalArgumentException("--top " + top + ": expected 1 or more");
        }
        ImageClassifier classifier = AutoBitModel.load(model, ImageClassifier.class);
        int most = Math.min(top, classifier.config().classNames().size());
        int width = files.stream().mapToInt(file -> file.toString().length()).max().orElse(0);
        for (Path file : files) {
            List<Prediction> found = classifier.classify(BitImage.read(file), most);
            if (json) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("file", file.toString());
                line.put("classes", toList(found));
                System.out.println(Json.compact(line));
                continue;
            }
            String guesses = found.stream()
                    .map(guess -> String.format(Locale.ROOT, "%s %.1f %%", guess.name(), 100 * guess.probability()))
                    .collect(Collectors.joining("   "));
            System.out.printf("%-" + width + "s  %s%n", file, guesses);
        }
        return 0;
    }

    private static List<Map<String, Object>> toList(List<Prediction> guesses) {
        return guesses.stream().map(guess -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", guess.name());
            json.put("probability", guess.probability());
            return json;
        }).toList();
    }
}
