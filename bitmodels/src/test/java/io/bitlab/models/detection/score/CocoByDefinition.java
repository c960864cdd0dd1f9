package io.bitlab.models.detection.score;

import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** COCO's scores of one class, slowly: each number computed from its definition, nothing shared or sorted twice. */
final class CocoByDefinition {

    private final List<List<LabelledBox>> truth;
    private final List<List<ScoredBox>> found;
    private final int label;
    private final double from;
    private final double to;
    private final int most;

    CocoByDefinition(List<List<LabelledBox>> truth, List<List<ScoredBox>> found, int label, double from, double to,
            int most) {
        this.truth = truth;
        this.found = found;
        this.label = label;
        this.from = from;
        this.to = to;
        this.most = most;
    }

    /** A detection that is right or wrong. */
    private record Verdict(float score, boolean right) {
    }

    private static double[] thresholds() {
        return new double[] {0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95};
    }

    double averagePrecision() {
        return DoubleStream.of(thresholds()).map(this::averagePrecision).average().orElseThrow();
    }

    double averageRecall() {
        return DoubleStream.of(thresholds())
                .map(t -> verdicts(t).stream().filter(Verdict::right).count() / (double) objects())
                .average().orElseThrow();
    }

    double averagePrecision(double threshold) {
        if (objects() == 0) {
            return Double.NaN;
        }
        List<Verdict> verdicts = verdicts(threshold);
        double[] right = IntStream.rangeClosed(1, verdicts.size())
                .mapToDouble(n -> verdicts.subList(0, n).stream().filter(Verdict::right).count()).toArray();
        double objects = objects();
        double sum = 0;
        for (int point = 0; point <= 100; point++) {
            double best = 0;
            for (int n = 1; n <= right.length; n++) {
                if (right[n - 1] / objects >= point * 0.01) {
                    best = Math.max(best, right[n - 1] / n);
                }
            }
            sum += best;
        }
        return sum / 101;
    }

    private long objects() {
        return truth.stream().flatMap(List::stream).filter(o -> o.label() == label && counts(o)).count();
    }

    private boolean counts(LabelledBox object) {
        return object.kind() == BoxKind.OBJECT && inRange(object.area());
    }

    private boolean inRange(double area) {
        return from <= area && area <= to;
    }

    private List<Verdict> verdicts(double threshold) {
        List<Verdict> verdicts = new ArrayList<>();
        for (int image = 0; image < truth.size(); image++) {
            List<LabelledBox> objects = truth.get(image).stream().filter(o -> o.label() == label).toList();
            Set<Integer> taken = new HashSet<>();
            found.get(image).stream().filter(d -> d.label() == label).sorted(bySureness(ScoredBox::score)).limit(most)
                    .forEach(detection -> {
                        Optional<Integer> match = best(objects, detection, taken, threshold, true)
                                .or(() -> best(objects, detection, taken, threshold, false));
                        match.ifPresent(taken::add);
                        if (match.map(o -> counts(objects.get(o))).orElse(inRange(detection.box().area()))) {
                            verdicts.add(new Verdict(detection.score(), match.isPresent()));
                        }
                    });
        }
        return verdicts.stream().sorted(bySureness(Verdict::score)).toList();
    }

    private static <T> Comparator<T> bySureness(Function<T, Float> score) {
        return Comparator.comparing(score).reversed();
    }

    private Optional<Integer> best(List<LabelledBox> objects, ScoredBox detection, Set<Integer> taken,
            double threshold, boolean counting) {
        return IntStream.range(0, objects.size()).boxed().filter(o -> counts(objects.get(o)) == counting)
                .filter(o -> !taken.contains(o) || objects.get(o).kind() == BoxKind.CROWD)
                .filter(o -> overlap(objects.get(o), detection) >= threshold)
                .max(Comparator.<Integer>comparingDouble(o -> overlap(objects.get(o), detection))
                        .thenComparing(Comparator.naturalOrder()));
    }

    private static double overlap(LabelledBox object, ScoredBox detection) {
        double left = Math.max(object.box().left(), detection.box().left());
        double right = Math.min(object.box().right(), detection.box().right());
        double top = Math.max(object.box().top(), detection.box().top());
        double bottom = Math.min(object.box().bottom(), detection.box().bottom());
        double shared = Math.max(0, right - left) * Math.max(0, bottom - top);
        double area = detection.box().width() * detection.box().height();
        double ofObject = object.box().width() * object.box().height();
        return shared / (object.kind() == BoxKind.CROWD ? area : ofObject + area - shared);
    }
}
