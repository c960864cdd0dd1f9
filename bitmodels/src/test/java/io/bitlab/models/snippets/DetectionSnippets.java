package io.bitlab.models.snippets;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.BitDetectorConfig;
import io.bitlab.models.detection.DetectedObject;
import io.bitlab.models.detection.DetectedObjects;
import io.bitlab.models.detection.DetectionAugmentation;
import io.bitlab.models.detection.DetectionLosses;
import io.bitlab.models.detection.DetectionOptions;
import io.bitlab.models.detection.DetectionTask;
import io.bitlab.models.detection.DetectorEvaluation;
import io.bitlab.models.detection.NonMaximumSuppression;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.image.RandomMap;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The snippets of {@code io.bitlab.models.detection}. */
final class DetectionSnippets {

    private DetectionSnippets() {
    }

    static void detect() throws IOException {
        // @start region="detect"
        BitDetector detector = AutoBitModel.load(Path.of("cells"), BitDetector.class);
        BitImage photo = BitImage.read(Path.of("photo.jpg")); // of any size
        DetectedObjects found = detector.detect(photo);
        for (DetectedObject object : found.objects()) {
            System.out.println(object.name() + " " + object.score() + " at " + object.box()); // in pixels of the photo
        }
        found.drawOn(photo).write(Path.of("found.png"));
        // @end
    }

    static BitDetector train(BoxedImages photographs, BoxedImages others) throws IOException {
        // @start region="train"
        ImageInput input = ImageInput.colour(192, 256).withFit(ImageFit.LETTERBOX);
        BitDetector model = AutoBitModel.fromConfig(
                BitDetectorConfig.nano(input, ClassNames.of(photographs.classNames())), 42); // seed
        DetectionTask task = DetectionTask.builder(model, photographs).validation(others).build();
        Trainer.builder(model, new AdamW(model.parameters(), 2e-3f)).epochs(100).batchSize(8)
                .schedule(Schedule.cosine()).build().fit(task);
        AutoBitModel.save(model, Path.of("cells"), Layer.Mode.DEPLOYED);
        // @end
        return model;
    }

    static BitDetectorConfig config() {
        // @start region="config"
        ImageInput input = ImageInput.colour(480, 640).withFit(ImageFit.LETTERBOX);
        BitDetectorConfig config = BitDetectorConfig.nano(input, ClassNames.of("cat", "dog")).toBuilder()
                .strides(8, 16, 32).options(DetectionOptions.DEFAULT.withScoreThreshold(0.5f)).build();
        BitDetectorConfig forComparison = config.floatTwin();
        // @end
        return forComparison;
    }

    static List<DetectedObjects> options(BitDetector detector, List<BitImage> photos) {
        // @start region="options"
        DetectionOptions sure = DetectionOptions.DEFAULT.withScoreThreshold(0.7f).withMaxDetections(10);
        List<DetectedObjects> found = detector.detect(photos, sure);
        // @end
        return found;
    }

    static Box objects(DetectedObjects found) {
        // @start region="objects"
        DetectedObjects dogs = found.named("dog").above(0.5f);
        System.out.println(dogs.toJson());
        Box share = dogs.relative(dogs.objects().getFirst()); // edges from 0 to 1
        // @end
        return share;
    }

    static Tensor losses(Tensor logits, int[] labels, Tensor edges, Tensor trueEdges) {
        // @start region="losses"
        Tensor classes = DetectionLosses.focal(logits, labels, 0.25f, 2f, 10f); // ten objects
        Tensor boxes = DetectionLosses.giou(edges, trueEdges).mul(-1f).add(1f).mean();
        classes.add(boxes).backward();
        // @end
        return boxes;
    }

    static List<ScoredBox> suppression() {
        // @start region="suppression"
        List<ScoredBox> candidates = List.of(new ScoredBox(new Box(0, 0, 10, 10), 0, 0.9f),
                new ScoredBox(new Box(1, 1, 11, 11), 0, 0.8f), // the same object: 0.68 of the union is common
                new ScoredBox(new Box(30, 0, 40, 10), 0, 0.7f));
        List<ScoredBox> objects = NonMaximumSuppression.apply(candidates, DetectionOptions.DEFAULT); // two
        // @end
        return objects;
    }

    static DetectionTask augmentation(BitDetector model, BoxedImages cells) throws IOException {
        // @start region="augmentation"
        DetectionAugmentation changes = DetectionAugmentation.standard(model.config().imageInput().normalization())
                .andMove(RandomMap.flipVertically()).withMosaic(0.3).withSizes(0.75, 1.0, 1.25);
        DetectionTask task = DetectionTask.builder(model, cells).augmentation(changes).seed(1).build();
        // @end
        return task;
    }

    static void threshold(BitDetector model, BoxedImages others) throws IOException {
        // @start region="threshold"
        model.eval();
        float score = (float) DetectorEvaluation.of(model, others).scores().bestScoreThreshold();
        BitDetector chosen = model.withOptions(model.config().options().withScoreThreshold(score));
        AutoBitModel.save(chosen, Path.of("cells"), Layer.Mode.DEPLOYED);
        // @end
    }

    static double evaluate(BitDetector model, BoxedImages photographs) throws IOException {
        // @start region="evaluate"
        DetectorEvaluation evaluation = DetectorEvaluation.of(model, photographs);
        double precision = evaluation.scores().ap50();
        // @end
        return precision;
    }
}
