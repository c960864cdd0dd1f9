package io.bitlab.cli;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.Prediction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says what is on pictures, with a model that {@code bitlab train images} has saved. */
@Command(name = "classify", mixinStandardHelpOptions = true, description = "Says what is on pictures.")
final class ClassifyCommand implements Callable<Integer> {

    private static final int TOP = 3;

    @Parameters(index = "0", paramLabel = "MODEL", description = "folder of the model")
    private Path model;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "FILE", description = "the pictures")
    private List<Path> files;

    @Override
    public Integer call() throws IOException {
        ImageClassifier classifier = AutoBitModel.load(model, ImageClassifier.class);
        List<BitImage> images = new ArrayList<>();
        for (Path file : files) {
            images.add(BitImage.read(file));
        }
        List<List<Prediction>> found =
                classifier.classify(images, Math.min(TOP, classifier.config().classNames().size()));
        int width = files.stream().mapToInt(file -> file.toString().length()).max().orElse(0);
        for (int i = 0; i < images.size(); i++) {
            String guesses = found.get(i).stream()
                    .map(guess -> String.format(Locale.ROOT, "%s %.1f %%", guess.name(), 100 * guess.probability()))
                    .collect(Collectors.joining("   "));
            System.out.printf("%-" + width + "s  %s%n", files.get(i), guesses);
        }
        return 0;
    }
}
