package io.bitlab.models.snippets;

import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.diffusion.BitDiT;
import io.bitlab.models.diffusion.BitDiTConfig;
import io.bitlab.models.diffusion.BitUNet;
import io.bitlab.models.diffusion.BitUNetConfig;
import io.bitlab.models.diffusion.DiffusionOptions;
import io.bitlab.models.diffusion.DiffusionProcess;
import io.bitlab.models.diffusion.DiffusionSampler;
import io.bitlab.models.diffusion.DiffusionTask;
import io.bitlab.models.diffusion.ImageGenerator;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageGrid;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The snippets of {@code io.bitlab.models.diffusion}. */
final class DiffusionSnippets {

    private DiffusionSnippets() {
    }

    static void generate() throws IOException {
        // @start region="generate"
        ImageGenerator generator = AutoBitModel.load(Path.of("clothes"), ImageGenerator.class);
        List<BitImage> boots = generator.generate("Ankle boot", 16, 42); // how many, and a seed
        ImageGrid.of(boots, 4).withScale(3).toImage().write(Path.of("boots.png"));
        // @end
    }

    static ImageGenerator train(LabelledImages images) throws IOException {
        // @start region="train"
        BitDiT model = AutoBitModel.fromConfig(
                BitDiTConfig.grey28(ImageInput.grey(28, 28), ClassNames.of(images.classNames())), 42); // seed
        DiffusionTask task = DiffusionTask.builder(model, model.samples(images)).build();
        Trainer.builder(model, new AdamW(model.parameters(), 2e-3f)).epochs(10).batchSize(64).clipNorm(1f)
                .schedule(Schedule.cosine().withWarmUp(100)).build().fit(task);
        AutoBitModel.save(model, Path.of("clothes"), Layer.Mode.DEPLOYED);
        // @end
        return model;
    }

    static ImageGenerator teacher(LabelledImages images) throws IOException {
        // @start region="teacher"
        BitDiT twin = AutoBitModel.load(Path.of("clothes-float"), BitDiT.class); // trained from a floatTwin()
        BitDiT model = AutoBitModel.fromConfig(
                BitDiTConfig.grey28(twin.config().imageInput(), twin.config().classNames()), 42); // seed
        model.loadStateDict(twin.stateDict()); // start where it ended
        DiffusionTask task = DiffusionTask.builder(model, model.samples(images)).teacher(twin, 1f).build();
        // @end
        Trainer.builder(model, new AdamW(model.parameters(), 1e-3f)).build().fit(task);
        return model;
    }

    static BitDiTConfig config(ClassNames names) {
        // @start region="config"
        BitDiTConfig config = BitDiTConfig.builder().imageInput(ImageInput.grey(28, 28)).classNames(names)
                .patchSize(4).hiddenSize(128).numHiddenLayers(6).build();
        BitDiTConfig twin = config.floatTwin(); // the same in float, to compare with
        // @end
        return twin;
    }

    static BitUNet unet(ClassNames names) {
        // @start region="unet"
        BitUNetConfig config = BitUNetConfig.builder().imageInput(ImageInput.grey(28, 28)).classNames(names)
                .channels(32, 64, 96).process(DiffusionProcess.COSINE_V).build();
        BitUNet model = AutoBitModel.fromConfig(config, 42); // seed
        // @end
        return model;
    }

    static double process() {
        // @start region="process"
        DiffusionProcess process = DiffusionProcess.RECTIFIED_FLOW;
        double image = process.alpha(0.25); // 0.75 of the image is left
        double noise = process.sigma(0.25); // beside 0.25 of the noise
        // @end
        return image + noise;
    }

    static List<BitImage> options(ImageGenerator generator) {
        // @start region="options"
        DiffusionOptions options = DiffusionOptions.DEFAULT.withSteps(50).withGuidance(3f)
                .withSampler(DiffusionSampler.HEUN).withNegative("Sandal");
        List<BitImage> sneakers = generator.generate("Sneaker", 4, 1, options);
        // @end
        return sneakers;
    }

    static List<BitImage> listener(ImageGenerator generator) {
        // @start region="listener"
        List<BitImage> pictures = generator.generate(List.of("Bag", "Coat"), 7, DiffusionOptions.DEFAULT,
                (step, steps, images) -> {
                    if (step % 5 == 0) {
                        System.out.println(step + " of " + steps + " steps: " + images.get());
                    }
                });
        // @end
        return pictures;
    }

    static List<BitImage> interpolate(ImageGenerator generator) {
        // @start region="interpolate"
        List<BitImage> between = generator.interpolate("Bag", 1, 2, 8, DiffusionOptions.DEFAULT); // seeds 1 and 2
        // @end
        return between;
    }

    static List<BitImage> inpaint(ImageGenerator generator, BitImage picture) {
        // @start region="inpaint"
        boolean[] lowerHalf = new boolean[28 * 28];
        Arrays.fill(lowerHalf, 14 * 28, 28 * 28, true);
        List<BitImage> completed = generator.inpaint(picture, lowerHalf, "Dress", 3, 42,
                DiffusionOptions.DEFAULT.withSteps(50));
        // @end
        return completed;
    }
}
