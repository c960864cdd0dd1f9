package io.bitlab.models.snippets;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.vision.BitViT;
import io.bitlab.models.vision.BitViTConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Path;

/** Snippets of the Javadoc of {@link BitViT}. */
final class VitSnippets {

    private VitSnippets() {
    }

    static Tensor model() {
        // @start region="model"
        BitViTConfig config = BitViTConfig.tiny(ImageInput.colour(32, 32), ClassNames.of("cat", "dog", "horse"));
        BitViT model = AutoBitModel.fromConfig(config, 42);
        Tensor logits = model.forward(Tensor.randn(1, 8, 3, 32, 32)); // [8, 3]
        // @end
        return logits;
    }

    static BitViTConfig config() {
        // @start region="config"
        BitViTConfig config = BitViTConfig.builder(ImageInput.colour(64, 64), ClassNames.numbered(10))
                .patchSize(8).hiddenSize(192).numHiddenLayers(8).numAttentionHeads(6)
                .stochasticDepth(0.1f)
                .build();
        // @end
        return config;
    }

    static void distillation(ImageClassifier teacher, LabelledImages.Split animals) throws IOException {
        // @start region="distillation"
        BitViT student = AutoBitModel.fromConfig(
                BitViTConfig.tiny(teacher.config().imageInput(), teacher.config().classNames()), 42);
        Trainer.builder(student, new AdamW(student.parameters(), 1e-3f))
                .objective(student.distillation(teacher, 3f, 0.3f))
                .schedule(Schedule.cosine()).clipNorm(1f).epochs(100)
                .build().fit(student.samples(animals.train()), student.samples(animals.test()));
        // @end
    }

    static BitViT resized() throws IOException {
        // @start region="resized"
        BitViT small = AutoBitModel.load(Path.of("animals-32"), BitViT.class);
        BitViT large = small.resized(64, 64); // to be trained further
        // @end
        return large;
    }
}
