package io.bitlab.models.snippets;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageAugmentation;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.train.BatchAugmentation;
import io.bitlab.models.train.Objectives;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.vision.BitResNet;
import io.bitlab.models.vision.BitResNetConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.ImageInput;
import io.bitlab.models.vision.ImageSamples;
import io.bitlab.models.vision.Prediction;
import io.bitlab.models.vision.TorchvisionResNet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Snippets of the Javadoc of {@code io.bitlab.models.vision}. */
final class ImageModelSnippets {

    private ImageModelSnippets() {
    }

    static void classify() throws IOException {
        // @start region="classify"
        ImageClassifier model = AutoBitModel.load(Path.of("animals-model"), ImageClassifier.class);
        for (Prediction guess : model.classify(BitImage.read(Path.of("photo.jpg")), 3)) {
            System.out.println(guess.name() + " " + guess.probability());
        }
        // @end
    }

    static ImageInput input() {
        // @start region="input"
        ImageInput input = ImageInput.colour(64, 64)
                .withFit(ImageFit.LETTERBOX).withNormalization(ImageNormalization.SYMMETRIC);
        // @end
        return input;
    }

    static int classNames() throws IOException {
        // @start region="classNames"
        LabelledImages animals = LabelledImages.readFolder(Path.of("animals")); // animals/cat/1.jpg, animals/dog/1.jpg
        ClassNames names = ClassNames.of(animals.classNames());
        int dog = names.index("dog"); // 1
        // @end
        return dog;
    }

    static void train(ImageClassifier model) throws IOException {
        // @start region="train"
        LabelledImages.Split animals = LabelledImages.readFolder(Path.of("animals")).split(0.2, 1);
        Trainer.builder(model, new AdamW(model.parameters(), 1e-3f)).epochs(20).batchSize(64)
                .augmentation(ImageSamples.augmentation(ImageAugmentation.light()))
                .batchAugmentation(BatchAugmentation.mixup(0.2))
                .build().fit(model.samples(animals.train()), model.samples(animals.test()));
        // @end
    }

    static float[] samples(LabelledImages animals) throws IOException {
        // @start region="samples"
        ImageSamples samples = ImageSamples.of(animals, ImageInput.colour(32, 32), ClassNames.of("cat", "dog"));
        float[] pixels = samples.batch(0, 1).toArray(); // [2, 3, 32, 32]
        // @end
        return pixels;
    }

    static void resnet() {
        // @start region="resnet"
        BitResNet model = AutoBitModel.fromConfig(
                BitResNetConfig.tiny(ImageInput.colour(32, 32), ClassNames.of("cat", "dog")), 42); // seed
        Tensor logits = model.forward(Tensor.zeros(8, 3, 32, 32)); // [8, 2]
        // @end
        logits.size();
    }

    static BitResNetConfig resnetConfig(ClassNames names) {
        // @start region="resnetConfig"
        BitResNetConfig config = BitResNetConfig.small(ImageInput.colour(64, 64), names).toBuilder()
                .blocks(2, 2, 2).stochasticDepth(0.1f).build();
        BitResNetConfig forComparison = config.floatTwin();
        // @end
        return forComparison;
    }

    static BitResNet finetune(BitResNet trained, LabelledImages animals) throws IOException {
        // @start region="finetune"
        BitResNet ternary = trained.toTernary(BitConv2d.DEFAULT_CONFIG);
        Trainer.builder(ternary, new AdamW(ternary.parameters(), 1e-3f)).epochs(5)
                .objective(Objectives.distillation(trained, 2f, 0.5f))
                .build().fit(ternary.samples(animals), null);
        // @end
        return ternary;
    }

    static BitResNet transfer(BitResNet trained, LabelledImages birds) throws IOException {
        // @start region="transfer"
        BitResNet model = trained.forClasses(ClassNames.of(birds.classNames()), 42); // seed
        Trainer.builder(model, new AdamW(model.parameters(), 1e-3f)).epochs(5).build().fit(model.samples(birds), null);
        // @end
        return model;
    }

    static BitResNet torchvision(ClassNames imagenet, Tensor images, Tensor theirs) throws IOException {
        // @start region="torchvision"
        BitResNetConfig config = BitResNetConfig.resnet18(ImageInput.colour(224, 224), imagenet); // 1000 names
        BitResNet network = TorchvisionResNet.load(Path.of("resnet18.safetensors"), config);
        network.eval();
        System.out.println(TorchvisionResNet.differences(network, images, Map.of("fc", theirs))); // {fc=2.1E-5}
        BitResNet ternary = network.toTernary(BitConv2d.DEFAULT_CONFIG); // to be fine-tuned
        // @end
        return ternary;
    }

    static Tensor imageFeatures(BitResNet model, List<BitImage> pictures) {
        // @start region="imageFeatures"
        Tensor images = model.config().imageInput().tensor(pictures);
        Tensor features = model.features(images); // [n, channels of the last stage]
        int[] classes = model.head(features).argmax(); // as model.forward(images)
        // @end
        return classes.length == 0 ? null : features;
    }
}
