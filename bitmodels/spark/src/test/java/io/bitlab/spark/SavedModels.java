package io.bitlab.spark;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.BitModel;
import io.bitlab.models.BitModelConfig;
import io.bitlab.models.detection.BitDetectorConfig;
import io.bitlab.models.detection.DetectionOptions;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.tabular.BitTabularConfig;
import io.bitlab.models.tabular.FeatureColumn;
import io.bitlab.models.tabular.TabularInput;
import io.bitlab.models.tabular.TabularTarget;
import io.bitlab.models.tokenizer.CharacterTokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.vision.BitResNetConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small models with random weights, saved: what they say means nothing, but is always the same. */
final class SavedModels {

    static final ClassNames FRUITS = ClassNames.of(List.of("apple", "pear", "fig"));

    private SavedModels() {
    }

    private static Path save(BitModelConfig<? extends BitModel> config, Path folder) throws IOException {
        BitModel model = AutoBitModel.fromConfig(config, 7);
        model.deploy();
        AutoBitModel.save(model, folder);
        return folder;
    }

    /** Columns weight, width (may be missing) and colour. */
    static TabularInput input() {
        return new TabularInput(List.of(new FeatureColumn.Numeric("weight", 150, 40, Double.NaN),
                new FeatureColumn.Numeric("width", 7, 1.5, 7),
                new FeatureColumn.Categorical("colour", List.of("red", "green"), true)));
    }

    static Path classifier(Path folder) throws IOException {
        return save(BitTabularConfig.of(input(), new TabularTarget.Classes("fruit", FRUITS)), folder);
    }

    static Path regressor(Path folder) throws IOException {
        return save(BitTabularConfig.of(input(), new TabularTarget.Quantity("price", 1000, 250)), folder);
    }

    /** Of {@code features} columns f0, f1 and so on, and 10 classes. */
    static Path wide(int features, Path folder) throws IOException {
        List<FeatureColumn> columns = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < features; i++) {
            columns.add(new FeatureColumn.Numeric("f" + i, 0, 1, Double.NaN));
        }
        for (int i = 0; i < 10; i++) {
            names.add("digit " + i);
        }
        return save(BitTabularConfig.of(new TabularInput(columns),
                new TabularTarget.Classes("digit", ClassNames.of(names)),
                BitMlpConfig.builder().nLayers(3).hiddenDim(256).floatEdges(true)), folder);
    }

    static Path images(Path folder) throws IOException {
        return save(BitResNetConfig.tiny(ImageInput.colour(16, 16), FRUITS), folder);
    }

    static Path detector(Path folder) throws IOException {
        // low scores count, so that there are detections
        return save(
                BitDetectorConfig.builder().imageInput(ImageInput.colour(64, 64).withFit(ImageFit.STRETCH))
                        .classNames(FRUITS)
                        .channels(8, 8, 8, 8).blocks(1, 1, 1).neckChannels(8)
                        .options(DetectionOptions.DEFAULT.withScoreThreshold(0.001f).withMaxDetections(5)).build(),
                folder);
    }

    static Path language(Path folder) throws IOException {
        CharacterTokenizer tokenizer = CharacterTokenizer.of("the quick brown fox jumps over a lazy dog");
        save(BitTransformerConfig.builder(tokenizer.vocabularySize(), 32, 1, 2).maxPositionEmbeddings(64)
                .initializerRange(0.5f).build(), folder);
        Tokenizers.writeFolder(tokenizer, folder, 64);
        return folder;
    }

    /** The bytes of a PNG file. */
    static byte[] picture(int width, int height, long seed, Path folder) throws IOException {
        byte[] pixels = new byte[width * height * 3];
        new Random(seed).nextBytes(pixels);
        Path file = folder.resolve("picture-" + seed + ".png");
        BitImage.of(width, height, pixels).write(file);
        return Files.readAllBytes(file);
    }
}
