package io.bitlab.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Objective;
import io.bitlab.models.train.Objectives;
import io.bitlab.models.train.Trainer;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BitViTTrainingTest {

    private static final BitViTConfig CONFIG = BitViTConfig.builder(StripedImages.INPUT, StripedImages.NAMES)
            .hiddenSize(32).numHiddenLayers(2).numAttentionHeads(2).stochasticDepth(0.05f).build();
    private static final StripedImages TEST = new StripedImages(150, 9, 0);

    private static BitViT trained;

    private static BitViT train(BitViT model, StripedImages images, Objective objective) {
        model.initialize(1);
        Trainer.builder(model, new AdamW(model.parameters(), 3e-3f)).epochs(5).batchSize(32).clipNorm(1f).seed(2)
                .objective(objective).build().fit(images, null);
        model.eval();
        return model;
    }

    @BeforeAll
    static void trainOnce() {
        trained = train(CONFIG.newModel(), new StripedImages(480, 4, 0), Objectives.crossEntropy());
    }

    @Test
    void learnsStripesOfAnyPhase(@TempDir Path folder) throws Exception {
        double accuracy = Evaluation.accuracy(trained, TEST);
        assertTrue(accuracy > 0.9, "accuracy " + accuracy);
        Tensor x = TEST.batch(0, 1, 2, 3, 4);
        float[] logits = trained.forward(x).toArray();
        AutoBitModel.save(trained, folder, BitViT.Mode.DEPLOYED);
        BitViT again = AutoBitModel.load(folder, BitViT.class);
        assertEquals(BitViT.Mode.DEPLOYED, again.mode());
        assertEquals(CONFIG, again.config());
        assertArrayEquals(logits, again.forward(x).toArray());
        assertArrayEquals(logits, again.resized(8, 8).forward(x).toArray());
    }

    /** All labels are wrong, and the student doesn't look at them. */
    @Test
    void learnsFromATeacher() {
        BitViTConfig config = CONFIG.toBuilder().pooling(TokenPooling.CLASS_TOKEN).norm(TokenNorm.RMS_NORM).build();
        BitViT student = config.newModel();
        train(student, new StripedImages(480, 5, 1), student.distillation(trained, 2f, 0f));
        double accuracy = Evaluation.accuracy(student, TEST);
        assertTrue(accuracy > 0.9, "accuracy " + accuracy);
    }

    @Test
    void aResidualNetworkMayTeach() {
        BitResNet teacher = AutoBitModel.fromConfig(BitResNetConfig.tiny(StripedImages.INPUT, StripedImages.NAMES), 1);
        BitViT student = AutoBitModel.fromConfig(CONFIG, 1);
        Tensor x = TEST.batch(0, 1);
        student.distillation(teacher, 2f, 0.5f).loss(student.forward(x), x, new int[] {0, 1}).backward();
        assertEquals(BitViT.Mode.EVAL, teacher.mode());
        assertTrue(student.parameters().stream().allMatch(parameter -> parameter.grad() != null));
        assertTrue(teacher.parameters().stream().allMatch(parameter -> parameter.grad() == null));
    }

    @Test
    void aTeacherSeesTheSamePixels() {
        BitViT other = CONFIG.toBuilder().imageInput(StripedImages.INPUT.withFit(ImageFit.EXACT)).build().newModel();
        Exception e = assertThrows(IllegalArgumentException.class, () -> other.distillation(trained, 2f, 0.5f));
        assertEquals("BitViT.distillation: the teacher expects " + StripedImages.INPUT + ", this model "
                + other.config().imageInput() + "; both see the same batch, so build this model with the teacher's "
                + "imageInput", e.getMessage());
        BitViT renamed = CONFIG.toBuilder().classNames(ClassNames.of("a", "b", "c")).build().newModel();
        e = assertThrows(IllegalArgumentException.class, () -> renamed.distillation(trained, 2f, 0.5f));
        assertTrue(e.getMessage().contains("the teacher knows the classes"), e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> trained.distillation(trained, 2f, 0.5f));
        assertEquals("BitViT.distillation: the teacher is the model itself; pass another one", e.getMessage());
    }

    /** Twice as many pixels in each direction: the positions between those that were learned. */
    @Test
    void positionsAreInterpolated() {
        BitViT model = AutoBitModel.fromConfig(CONFIG.toBuilder().patchSize(2).build(), 3);
        BitViT larger = model.resized(16, 8);
        float[] small = model.namedParameters().get("pos_embed").toArray();
        float[] large = larger.namedParameters().get("pos_embed").toArray();
        assertArrayEquals(new int[] {8 * 4, 32}, larger.namedParameters().get("pos_embed").shape());
        for (int row = 0; row < 8; row++) {
            double at = Math.clamp((row + 0.5) / 2 - 0.5, 0, 3); // of PyTorch's interpolate, align_corners=False
            int first = (int) Math.min(2, at);
            for (int i = 0; i < 4 * 32; i++) {
                double expected =
                        small[first * 128 + i] * (first + 1 - at) + small[(first + 1) * 128 + i] * (at - first);
                assertEquals(expected, large[row * 128 + i], 1e-6, "row " + row + ", element " + i);
            }
        }
        assertArrayEquals(model.namedParameters().get("blocks.1.mlp.up_proj.weight").toArray(),
                larger.namedParameters().get("blocks.1.mlp.up_proj.weight").toArray());
        assertArrayEquals(new int[] {2, 3}, larger.eval().forward(Tensor.randn(1, 2, 1, 16, 8)).shape());
        Exception e = assertThrows(IllegalArgumentException.class, () -> model.resized(9, 8));
        assertEquals("BitViTConfig: patch_size is 2, expected a divisor of the image's height 9 and width 8; choose "
                + "another patch or image size", e.getMessage());
    }
}
