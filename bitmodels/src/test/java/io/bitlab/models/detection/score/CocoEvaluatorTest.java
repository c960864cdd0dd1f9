package io.bitlab.models.detection.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.image.Box;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each rule of the protocol has a case that comes out differently without it. */
class CocoEvaluatorTest {

    private static final double EXACT = 1e-12;
    private static final Box HERE = new Box(0, 0, 100, 100);
    private static final Box THERE = new Box(200, 200, 300, 300);
    private static final Box NOWHERE = new Box(400, 400, 500, 500);

    private static LabelledBox object(Box box) {
        return LabelledBox.of(box, 0);
    }

    private static LabelledBox object(Box box, BoxKind kind) {
        return new LabelledBox(box, 0, kind, box.area());
    }

    private static ScoredBox found(Box box, double score) {
        return new ScoredBox(box, 0, (float) score);
    }

    private static CocoScores scores(List<LabelledBox> truth, ScoredBox... found) {
        return CocoEvaluator.evaluate(List.of(truth), List.of(List.of(found)), 1);
    }

    /** A box of the given IoU with {@link #HERE}. */
    private static Box overlapping(double iou) {
        return new Box(0, 0, 100, 100 * iou);
    }

    @Test
    void perfectDetectionsScoreExactlyOne() {
        CocoScores scores = scores(List.of(object(HERE), object(THERE)), found(HERE, 0.9), found(THERE, 0.1));
        assertEquals(1, scores.ap());
        assertEquals(1, scores.ap50());
        assertEquals(1, scores.ap75());
        assertEquals(1, scores.apLarge());
        assertEquals(1, scores.ar100());
        assertEquals(0.5, scores.ar1(), EXACT);
        assertEquals(Double.NaN, scores.apSmall());
        assertEquals(Double.NaN, scores.arMedium());
    }

    @Test
    void aMatchReachesTheThreshold() {
        CocoScores scores = scores(List.of(object(HERE)), found(overlapping(0.5), 0.9));
        assertEquals(1, scores.ap50());
        assertEquals(0, scores.ap75());
        assertEquals(0.1, scores.ap(), EXACT);
        assertEquals(0.3, scores(List.of(object(HERE)), found(overlapping(0.61), 0.9)).ar100(), EXACT);
        assertEquals(0, scores(List.of(object(HERE)), found(overlapping(0.49), 0.9)).ap());
    }

    @Test
    void aSecondDetectionOfAnObjectIsWrong() {
        CocoScores scores = scores(List.of(object(HERE), object(THERE)), found(HERE, 0.9), found(HERE, 0.8),
                found(THERE, 0.7));
        assertEquals((51 + 50 * 2 / 3.0) / 101, scores.ap(), EXACT);
    }

    /** Right, wrong, wrong, right, right: of three objects. The precision at 2/3 is that at 3/3, which is larger. */
    @Test
    void aPrecisionIsTheBestAtAnyLargerRecall() {
        Box third = new Box(0, 500, 100, 600);
        CocoScores scores = scores(List.of(object(HERE), object(THERE), object(third)), found(HERE, 0.9),
                found(NOWHERE, 0.8), found(NOWHERE, 0.7), found(THERE, 0.6), found(third, 0.5));
        assertEquals((34 + 67 * 3 / 5.0) / 101, scores.ap(), EXACT);
        PrecisionRecallCurve curve = scores.classes().get(0).curve(0.75);
        assertEquals(1, curve.precision(33));
        assertEquals(0.6, curve.precision(34), EXACT);
        assertEquals(0.6f, curve.score(34));
        assertEquals(0.5f, curve.score(100));
        assertEquals(2 / 4.0, curve.f1(0.9f), EXACT); // twice the right, by detections and objects
        assertEquals(2 / 6.0, curve.f1(0.7f), EXACT);
        assertEquals(4 / 7.0, curve.f1(0.55), EXACT);
        assertEquals(0.75, curve.f1(0), EXACT);
        assertEquals(0, curve.f1(0.95));
    }

    /** The first class would take scores from 0.9, the second must have those from 0.3 to find anything. */
    @Test
    void theBestThresholdServesAllClassesWithObjects() {
        LabelledBox other = LabelledBox.of(THERE, 1);
        List<ScoredBox> found = List.of(found(HERE, 0.9), found(NOWHERE, 0.2), new ScoredBox(THERE, 1, 0.3f),
                new ScoredBox(NOWHERE, 2, 0.8f));
        CocoScores scores = CocoEvaluator.evaluate(List.of(List.of(object(HERE), other)), List.of(found), 3);
        assertEquals(0.3f, scores.bestScoreThreshold());
        assertEquals(Double.NaN, scores(List.of(object(HERE)), found(NOWHERE, 0.9)).bestScoreThreshold());
        assertEquals(Double.NaN, CocoEvaluator.evaluate(List.of(List.of()), List.of(List.of()), 1)
                .bestScoreThreshold());
    }

    /** The first class would find one object more with scores from 0.3; the second has many wrong boxes from 0.5 on. */
    @Test
    void theBestThresholdCountsEachWrongBox() {
        List<ScoredBox> found = new ArrayList<>(List.of(found(HERE, 0.9), found(THERE, 0.3),
                new ScoredBox(THERE, 1, 0.9f)));
        for (int i = 0; i < 50; i++) {
            found.add(new ScoredBox(NOWHERE, 1, 0.5f));
        }
        CocoScores scores = CocoEvaluator.evaluate(
                List.of(List.of(object(HERE), object(THERE), LabelledBox.of(THERE, 1))), List.of(found), 2);
        assertEquals(0.9f, scores.bestScoreThreshold());
    }

    @Test
    void equalScoresKeepTheirOrder() {
        List<LabelledBox> one = List.of(object(HERE));
        assertEquals(1, scores(one, found(HERE, 0.5), found(NOWHERE, 0.5)).ap());
        assertEquals(0.5, scores(one, found(NOWHERE, 0.5), found(HERE, 0.5)).ap(), EXACT);
        assertEquals(0.5, scores(one, found(NOWHERE, -0.0), found(HERE, 0.0)).ap(), EXACT);
    }

    @Test
    void equalScoresKeepTheOrderOfTheImages() {
        List<List<LabelledBox>> truth = List.of(List.of(object(HERE)), List.of());
        List<ScoredBox> right = List.of(found(HERE, 0.5));
        List<ScoredBox> wrong = List.of(found(NOWHERE, 0.5));
        assertEquals(1, CocoEvaluator.evaluate(truth, List.of(right, wrong), 1).ap());
        assertEquals(0.5, CocoEvaluator.evaluate(List.of(List.of(), List.of(object(HERE))), List.of(wrong, right), 1)
                .ap(), EXACT);
    }

    /** The first detection overlaps both objects alike; only if it takes the last is the other free for the second. */
    @Test
    void ofEqualOverlapsTheLastIsTaken() {
        Box left = new Box(0, 0, 80, 100);
        Box right = new Box(20, 0, 100, 100);
        CocoScores scores = scores(List.of(object(left), object(right)), found(HERE, 0.9), found(left, 0.8));
        assertEquals(1, scores.ap75());
    }

    @Test
    void ofAnImageAndClassAHundredDetectionsCount() {
        List<ScoredBox> found = new ArrayList<>();
        for (int i = 0; i < 99; i++) {
            found.add(found(NOWHERE, 0.9));
        }
        found.add(found(HERE, 0.8));
        assertEquals(0.01, scores(List.of(object(HERE)), found.toArray(ScoredBox[]::new)).ap(), EXACT);
        found.add(0, found(NOWHERE, 0.9));
        CocoScores scores = scores(List.of(object(HERE)), found.toArray(ScoredBox[]::new));
        assertEquals(0, scores.ap());
        assertEquals(0, scores.ar100());
        assertEquals(100, scores.classes().get(0).detections());
    }

    @Test
    void recallCountsTheSurestOfEachImage() {
        List<LabelledBox> truth = new ArrayList<>();
        List<ScoredBox> found = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Box box = Box.ofSize(200 * i, 0, 100, 100);
            truth.add(object(box));
            found.add(found(box, 0.5));
        }
        CocoScores scores = scores(truth, found.toArray(ScoredBox[]::new));
        assertEquals(0.05, scores.ar1(), EXACT);
        assertEquals(0.5, scores.ar10(), EXACT);
        assertEquals(1, scores.ar100(), EXACT);
        assertEquals(1, scores.ap());
    }

    /** 7 of 20 is 0.35, but the protocol's recall is 35 * 0.01, which is a bit more. */
    @Test
    void recallsAreRoundedProducts() {
        List<LabelledBox> truth = new ArrayList<>();
        List<ScoredBox> found = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Box box = Box.ofSize(200 * i, 0, 100, 100);
            truth.add(object(box));
            if (i < 7) {
                found.add(found(box, 0.5));
            }
        }
        assertEquals(35 / 101.0, scores(truth, found.toArray(ScoredBox[]::new)).ap(), EXACT);
    }

    @Test
    void crowdsAreNeitherFoundNorMissed() {
        Box crowd = new Box(200, 200, 400, 400);
        ScoredBox[] found = {found(Box.ofSize(200, 200, 20, 20), 0.9), found(Box.ofSize(300, 300, 20, 20), 0.8),
            found(Box.ofSize(195, 200, 20, 20), 0.7), found(HERE, 0.6)};
        assertEquals(1, scores(List.of(object(HERE), object(crowd, BoxKind.CROWD)), found).ap75());
        assertEquals(0.25,
                scores(List.of(object(HERE), object(crowd)), found).classes().get(0).curve(0.5).precision(50),
                EXACT);
        assertEquals(1, scores(List.of(object(HERE), object(crowd, BoxKind.CROWD))
                .reversed(), found(HERE, 0.5)).ar100());
        CocoScores crowds = scores(List.of(object(crowd, BoxKind.CROWD)), found);
        assertEquals(Double.NaN, crowds.ap());
        assertEquals(0, crowds.classes().get(0).objects());
        assertEquals(1, crowds.classes().get(0).leftOut());
    }

    /** Half of the detection is outside of the crowd: wrong from IoU 0.55 on. */
    @Test
    void theOverlapWithACrowdIsAShareOfTheDetection() {
        CocoScores scores = scores(List.of(object(HERE), object(THERE, BoxKind.CROWD)), found(
                new Box(250, 290, 260, 310), 0.9), found(HERE, 0.8));
        assertEquals(1, scores.ap50());
        assertEquals(0.5, scores.ap75(), EXACT);
    }

    @Test
    void aDifficultObjectIsLeftOutOnce() {
        List<LabelledBox> truth = List.of(object(THERE, BoxKind.DIFFICULT), object(HERE));
        assertEquals(1, scores(truth, found(THERE, 0.9), found(HERE, 0.8)).ap());
        assertEquals(1, scores(truth, found(HERE, 0.8)).ar100());
        assertEquals(0.5, scores(truth, found(THERE, 0.9), found(THERE, 0.85), found(HERE, 0.8)).ap(), EXACT);
        assertEquals(0.5, scores(truth, found(new Box(200, 200, 300, 250), 0.9), found(HERE, 0.8)).ap75(), EXACT);
    }

    /** The difficult object overlaps more, and comes first. */
    @Test
    void objectsThatCountAreMatchedFirst() {
        List<LabelledBox> truth = List.of(object(HERE, BoxKind.DIFFICULT), object(overlapping(0.8)));
        assertEquals(1, scores(truth, found(HERE, 0.9)).ap75());
        assertEquals(1, scores(truth.reversed(), found(HERE, 0.9)).ap75());
    }

    @Test
    void theAreaOfTheObjectDecidesItsSize() {
        LabelledBox outlined = new LabelledBox(HERE, 0, BoxKind.OBJECT, 1024); // small and medium: both bounds count
        CocoScores scores = scores(List.of(outlined), found(HERE, 0.9));
        assertEquals(1, scores.apSmall());
        assertEquals(1, scores.arSmall());
        assertEquals(1, scores.apMedium());
        assertEquals(Double.NaN, scores.apLarge());
        LabelledBox large = new LabelledBox(HERE, 0, BoxKind.OBJECT, 9216.5);
        assertEquals(Double.NaN, scores(List.of(large), found(HERE, 0.9)).apMedium());
        assertEquals(1, scores(List.of(large), found(HERE, 0.9)).apLarge());
    }

    /** The surest detection is wrong, but not about a small object; the next finds a large one. */
    @Test
    void detectionsOfOtherSizesAreLeftOut() {
        Box small = new Box(600, 600, 620, 620);
        CocoScores scores = scores(List.of(object(HERE), object(small)), found(NOWHERE, 0.95), found(HERE, 0.9),
                found(small, 0.8));
        assertEquals(1, scores.apSmall());
        assertEquals(0.5, scores.apLarge(), EXACT);
        assertEquals(0, scores(List.of(object(small)), found(Box.ofSize(600, 600, 10, 10), 0.9)).apSmall());
    }

    @Test
    void classesWithoutObjectsAreLeftOut() {
        List<List<LabelledBox>> truth = List.of(List.of(LabelledBox.of(HERE, 1)));
        List<List<ScoredBox>> found = List.of(List.of(new ScoredBox(HERE, 0, 0.9f), new ScoredBox(HERE, 1, 0.8f)));
        CocoScores scores = CocoEvaluator.evaluate(truth, found, 3);
        assertEquals(1, scores.ap());
        assertEquals(Double.NaN, scores.classes().get(0).ap());
        assertEquals(Double.NaN, scores.classes().get(0).curve(0.5).precision(0));
        assertEquals(Double.NaN, scores.classes().get(2).ar100());
        assertEquals(1, scores.classes().get(1).ap50());
        assertEquals(Double.NaN, CocoEvaluator.evaluate(List.of(), List.of(), 1).ap());
        assertEquals(0, scores(List.of(object(HERE))).ap());
    }

    @Test
    void printsAsPycocotools() {
        CocoScores scores = scores(List.of(object(HERE), object(THERE)), found(HERE, 0.9));
        assertEquals("""
                 Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.505
                 Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.505
                 Average Precision  (AP) @[ IoU=0.75      | area=   all | maxDets=100 ] = 0.505
                 Average Precision  (AP) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = -1.000
                 Average Precision  (AP) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = -1.000
                 Average Precision  (AP) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = 0.505
                 Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = 0.500
                 Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets= 10 ] = 0.500
                 Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.500
                 Average Recall     (AR) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = -1.000
                 Average Recall     (AR) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = -1.000
                 Average Recall     (AR) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = 0.500
                """, scores.summary());
        assertEquals("""
                             objects      AP    AP50    AP75   AR100
                cell               2   0.505   0.505   0.505   0.500
                all classes        2   0.505   0.505   0.505   0.500
                """, scores.table(List.of("cell")));
        assertEquals("CocoScores(AP 0.505, AP50 0.505, AP75 0.505; 1 images, 1 classes)", scores.toString());
        assertThrows(IllegalArgumentException.class, () -> scores.table(List.of()));
        assertThrows(IllegalArgumentException.class, () -> scores.classes().get(0).curve(0.52));
    }

    @Test
    void refusesWhatDoesNotFit() {
        List<List<LabelledBox>> truth = List.of(List.of(), List.of(LabelledBox.of(HERE, 2)));
        IllegalArgumentException wrong = assertThrows(IllegalArgumentException.class,
                () -> CocoEvaluator.evaluate(truth, List.of(List.of(), List.of()), 2));
        assertTrue(wrong.getMessage().contains("an object in image 1 has the label 2"), wrong.getMessage());
        wrong = assertThrows(IllegalArgumentException.class, () -> CocoEvaluator.evaluate(truth, List.of(), 3));
        assertTrue(wrong.getMessage().contains("objects of 2 images, detections of 0"), wrong.getMessage());
        assertThrows(IllegalArgumentException.class, () -> CocoEvaluator.evaluate(List.of(), List.of(), 0));
        assertThrows(IllegalArgumentException.class, () -> CocoEvaluator.evaluate(List.of(List.of()),
                List.of(List.of(new ScoredBox(HERE, 5, 0.5f))), 5));
    }
}
