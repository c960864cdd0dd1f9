package io.bitlab.models.detection.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.image.Box;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same scores as pycocotools, and as a second implementation. */
class CocoParityTest {

    private static final double CLOSE = 1e-11;

    private static double[] summary(CocoScores scores) {
        return new double[] {scores.ap(), scores.ap50(), scores.ap75(), scores.apSmall(), scores.apMedium(),
            scores.apLarge(), scores.ar1(), scores.ar10(), scores.ar100(), scores.arSmall(), scores.arMedium(),
            scores.arLarge()};
    }

    // ---------------------------------------------------------------- pycocotools

    static List<JsonObject> published() throws IOException {
        try (InputStream in = CocoParityTest.class.getResourceAsStream("/golden/coco-scores.json")) {
            return JsonObject.of("scores", Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "scores"))
                    .objects("cases");
        }
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }

    private static double[] expected(JsonObject json, String name, double absent) {
        return json.list(name).stream().mapToDouble(CocoParityTest::number)
                .map(value -> value == -1 ? absent : value).toArray();
    }

    @ParameterizedTest
    @MethodSource("published")
    void scoresAsPycocotools(JsonObject json) {
        List<List<LabelledBox>> truth = lists(json.integer("images"));
        List<List<ScoredBox>> found = lists(json.integer("images"));
        for (Object row : json.list("truth")) {
            List<?> o = (List<?>) row;
            Box box = Box.ofSize(number(o.get(3)), number(o.get(4)), number(o.get(5)), number(o.get(6)));
            truth.get((int) number(o.get(0))).add(new LabelledBox(box, (int) number(o.get(1)),
                    BoxKind.valueOf((String) o.get(2)), number(o.get(7))));
        }
        for (Object row : json.list("found")) {
            List<?> d = (List<?>) row;
            Box box = Box.ofSize(number(d.get(3)), number(d.get(4)), number(d.get(5)), number(d.get(6)));
            found.get((int) number(d.get(0))).add(new ScoredBox(box, (int) number(d.get(1)), (float) number(d.get(2))));
        }
        CocoScores scores = CocoEvaluator.evaluate(truth, found, json.integer("classes"));
        assertArrayEquals(expected(json, "stats", Double.NaN), summary(scores), CLOSE);
        assertArrayEquals(expected(json, "ap", Double.NaN),
                scores.classes().stream().mapToDouble(ClassScores::ap).toArray(), CLOSE);
        assertArrayEquals(expected(json, "ap50", Double.NaN),
                scores.classes().stream().mapToDouble(ClassScores::ap50).toArray(), CLOSE);
        PrecisionRecallCurve curve = scores.classes().get(0).curve(0.75);
        assertArrayEquals(expected(json, "precision75", Double.NaN),
                IntStream.rangeClosed(0, 10).mapToDouble(i -> curve.precision(10 * i)).toArray(), CLOSE);
        assertArrayEquals(expected(json, "score75", 0), // 0 where there is no score
                IntStream.rangeClosed(0, 10).mapToDouble(i -> curve.score(10 * i))
                        .map(score -> Double.isNaN(score) ? 0 : score).toArray());
    }

    private static <T> List<List<T>> lists(int images) {
        return IntStream.range(0, images).<List<T>>mapToObj(_ -> new ArrayList<>()).toList();
    }

    // ---------------------------------------------------------------- the definition

    private static double definition(List<List<LabelledBox>> truth, List<List<ScoredBox>> found, int classes,
            AreaRange range, int most, boolean recall) {
        return IntStream.range(0, classes)
                .mapToObj(c -> new CocoByDefinition(truth, found, c, range.from(), range.to(), most))
                .mapToDouble(scores -> recall ? scores.averageRecall() : scores.averagePrecision())
                .filter(value -> !Double.isNaN(value)).average().orElse(Double.NaN);
    }

    @Test
    void scoresAsDefined() {
        int withScore = 0;
        for (long seed = 0; seed < 200; seed++) {
            CounterRandom random = new CounterRandom(seed, 0);
            int images = 1 + random.nextInt(4);
            int classes = 1 + random.nextInt(3);
            List<List<LabelledBox>> truth = lists(images);
            List<List<ScoredBox>> found = lists(images);
            for (int image = 0; image < images; image++) {
                for (int i = random.nextInt(7); i > 0; i--) {
                    Box box = box(random);
                    truth.get(image).add(new LabelledBox(box, random.nextInt(classes), kind(random.nextInt(6)),
                            random.nextBoolean() ? box.area() : 1024));
                }
                for (int i = random.nextInt(15); i > 0; i--) {
                    Box box = truth.get(image).isEmpty() || random.nextInt(4) == 0 ? box(random)
                            : moved(truth.get(image).get(random.nextInt(truth.get(image).size())).box(), random);
                    found.get(image).add(new ScoredBox(box, random.nextInt(classes), random.nextInt(5) / 4f));
                }
            }
            CocoScores scores = CocoEvaluator.evaluate(truth, found, classes);
            double ap50 = IntStream.range(0, classes)
                    .mapToDouble(c -> new CocoByDefinition(truth, found, c, 0, 1e10, 100).averagePrecision(0.5))
                    .filter(value -> !Double.isNaN(value)).average().orElse(Double.NaN);
            DoubleStream expected = DoubleStream.of(definition(truth, found, classes, AreaRange.ALL, 100, false), ap50);
            assertArrayEquals(expected.toArray(), new double[] {scores.ap(), scores.ap50()}, CLOSE, "seed " + seed);
            double[] bySize = {scores.apSmall(), scores.apMedium(), scores.apLarge(), scores.arSmall(),
                scores.arMedium(), scores.arLarge()};
            for (int i = 0; i < bySize.length; i++) {
                assertEquals(definition(truth, found, classes, AreaRange.VALUES.get(1 + i % 3), 100, i >= 3), bySize[i],
                        CLOSE, "seed " + seed + ", score " + i);
            }
            assertEquals(definition(truth, found, classes, AreaRange.ALL, 1, true), scores.ar1(), CLOSE);
            assertEquals(definition(truth, found, classes, AreaRange.ALL, 10, true), scores.ar10(), CLOSE);
            assertEquals(definition(truth, found, classes, AreaRange.ALL, 100, true), scores.ar100(), CLOSE);
            withScore += scores.ap() > 0 ? 1 : 0;
        }
        assertFalse(withScore < 130, withScore + " of 200 cases have a score");
    }

    /** On a coarse grid, so that overlaps tie. */
    private static Box box(CounterRandom random) {
        int size = new int[] {16, 32, 64, 128}[random.nextInt(4)];
        return Box.ofSize(16 * random.nextInt(6), 16 * random.nextInt(6), size, size * (1 + random.nextInt(2)));
    }

    private static Box moved(Box box, CounterRandom random) {
        double step = box.width() / 8;
        return Box.ofSize(box.left() + step * random.nextInt(3), box.top(), box.width(),
                box.height() + step * random.nextInt(2));
    }

    private static BoxKind kind(int draw) {
        return draw == 0 ? BoxKind.CROWD : draw == 1 ? BoxKind.DIFFICULT : BoxKind.OBJECT;
    }
}
