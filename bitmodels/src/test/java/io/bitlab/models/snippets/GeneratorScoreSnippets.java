package io.bitlab.models.snippets;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.diffusion.score.FeatureStatistics;
import io.bitlab.models.diffusion.score.FrechetDistance;
import io.bitlab.models.diffusion.score.GeneratorEvaluator;
import io.bitlab.models.diffusion.score.GeneratorScores;
import io.bitlab.models.diffusion.score.ImageFeatures;
import io.bitlab.models.diffusion.score.NearestImages;
import io.bitlab.models.diffusion.score.PrecisionRecall;
import io.bitlab.models.diffusion.score.StridedClassifier;
import io.bitlab.models.train.SampleSource;
import io.bitlab.models.vision.BitResNet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Snippets of the Javadoc of {@code io.bitlab.models.diffusion.score}. */
final class GeneratorScoreSnippets {

    private GeneratorScoreSnippets() {}

    static GeneratorScores scores(GeneratorScores.Generator generator, SampleSource testImages) throws IOException {
        // @start region="scores"
        ImageFeatures classifier = StridedClassifier.read(Path.of("classifier.safetensors"));
        GeneratorScores scores = GeneratorScores.of(classifier, generator, 10_000, testImages);
        System.out.print(scores.table());
        // @end
        return scores;
    }

    static GeneratorScores evaluator(ImageFeatures classifier, SampleSource testImages, List<Tensor> batches,
            List<int[]> labels) {
        // @start region="evaluator"
        GeneratorEvaluator evaluator = new GeneratorEvaluator(classifier, testImages);
        for (int i = 0; i < batches.size(); i++) {
            evaluator.add(batches.get(i), labels.get(i)); // images, and the classes that they should show
            System.out.println(evaluator.samples() + " images");
        }
        GeneratorScores scores = evaluator.scores();
        // @end
        return scores;
    }

    static Tensor features(BitResNet model, Tensor images) {
        // @start region="features"
        model.eval();
        ImageFeatures.Outputs seen = ImageFeatures.of(model).outputs(images);
        int[] classes = seen.logits().argmax();
        Tensor features = seen.features(); // [n, features]
        // @end
        return classes.length == 0 ? null : features;
    }

    static int[] classifier(Path file, Tensor images) throws IOException {
        // @start region="classifier"
        StridedClassifier classifier = StridedClassifier.read(file);
        int[] classes = classifier.forward(images).argmax();
        // @end
        return classes;
    }

    static double statistics(List<Tensor> real, Tensor generated) {
        // @start region="statistics"
        FeatureStatistics ofReal = new FeatureStatistics(64);
        real.forEach(ofReal::add); // batches [n, 64]
        FeatureStatistics ofGenerated = new FeatureStatistics(64).add(generated);
        double distance = FrechetDistance.between(ofReal, ofGenerated);
        // @end
        return distance;
    }

    static double precisionRecall(Tensor real, Tensor generated) {
        // @start region="precisionRecall"
        PrecisionRecall shares = PrecisionRecall.of(real, generated); // features [n, d]
        System.out.println(shares.precision() + " look real, " + shares.recall() + " of the variety is there");
        // @end
        return shares.precision();
    }

    static void nearest(Tensor images, SampleSource trainingImages) {
        // @start region="nearest"
        NearestImages nearest = NearestImages.find(images, trainingImages);
        int suspect = nearest.mostAlike()[0];
        System.out.println("image " + suspect + " differs from training image " + nearest.index(suspect) + " by "
                + nearest.distance(suspect));
        // @end
    }
}
