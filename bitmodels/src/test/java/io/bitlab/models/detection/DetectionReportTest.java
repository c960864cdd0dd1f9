package io.bitlab.models.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.detection.score.CocoEvaluator;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImageCanvas;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.image.ImageReadOptions;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Task;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class DetectionReportTest {

    private static final List<String> NAMES = List.of("cat", "<dog>");
    private static final BitDetector MODEL = AutoBitModel.fromConfig(BitDetectorConfig
            .nano(ImageInput.colour(64, 64).withFit(ImageFit.LETTERBOX), ClassNames.of(NAMES)), 1);
    private static final Box LEFT = new Box(10, 20, 40, 60);
    private static final Box RIGHT = new Box(60, 20, 90, 60);

    @TempDir
    Path folder;

    private static BoxedImages images(List<List<LabelledBox>> objects) {
        List<BitImage> images = new ArrayList<>();
        for (int i = 0; i < objects.size(); i++) {
            images.add(new ImageCanvas(i == 0 ? 1000 : 100, i == 0 ? 800 : 80, 0x203040 + i).toImage());
        }
        return BoxedImages.of(images, objects, NAMES);
    }

    private static DetectorEvaluation evaluation(List<List<LabelledBox>> objects, List<List<ScoredBox>> found) {
        return new DetectorEvaluation(objects, found, CocoEvaluator.evaluate(objects, found, NAMES.size()));
    }

    /** An image for each thing that can happen. */
    private static final List<List<LabelledBox>> OBJECTS = List.of(
            List.of(LabelledBox.of(LEFT, 0), LabelledBox.of(RIGHT, 1)), // both found
            List.of(LabelledBox.of(LEFT, 0), LabelledBox.of(RIGHT, 1)), // one missed, one confused
            List.of(new LabelledBox(LEFT, 0, BoxKind.DIFFICULT, 1)), List.of());

    private static final List<List<ScoredBox>> FOUND = List.of(
            List.of(new ScoredBox(LEFT, 0, 0.9f), new ScoredBox(RIGHT, 1, 0.8f)),
            List.of(new ScoredBox(RIGHT, 0, 0.7f), new ScoredBox(LEFT, 0, 0.1f)),
            List.of(new ScoredBox(LEFT, 0, 0.6f)), List.of(new ScoredBox(LEFT, 1, 0.5f)));

    private static Document parse(String page) throws Exception {
        String xml = page.replace("<!DOCTYPE html>", "");
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    private static int boxes(Document page, String style) {
        int count = 0;
        NodeList all = page.getElementsByTagName("rect");
        for (int i = 0; i < all.getLength(); i++) {
            Element rect = (Element) all.item(i);
            if (rect.getAttribute("class").equals(style) && rect.getElementsByTagName("title").getLength() == 1) {
                count++;
            }
        }
        return count;
    }

    @Test
    void thePageShowsWhatWasFoundMissedWrongAndConfused() throws Exception {
        DetectionReport report = DetectionReport.builder(MODEL, evaluation(OBJECTS, FOUND), images(OBJECTS))
                .title("Cats & dogs").note("fast").build();
        Document page = parse(report.toHtml());
        assertEquals(List.of(2, 1, 1, 1, 0), List.of(boxes(page, "found"), boxes(page, "missed"), boxes(page, "wrong"),
                boxes(page, "confused"), boxes(page, "ignored")));
        String text = page.getDocumentElement().getTextContent();
        assertTrue(text.contains("Cats & dogs") && text.contains("4 pictures with 4 objects of 2 classes · fast"),
                text);
        assertTrue(text.contains("2 of 4"), text); // the sure detections only
        assertTrue(text.contains("image 1 · 0 found, 1 missed, 1 taken for another"), text);
        assertTrue(text.contains("cat 70 %, is <dog>"), text);
        assertEquals(2, page.getElementsByTagName("polyline").getLength());
        assertEquals(report.toHtml(), report.toHtml());
    }

    @Test
    void picturesAreEmbeddedAndNotLargerThanTheyAreShown() throws Exception {
        String page = DetectionReport.builder(MODEL, evaluation(OBJECTS, FOUND), images(OBJECTS)).build().toHtml();
        Matcher picture = Pattern.compile("href=\"data:image/jpeg;base64,([^\"]+)\"").matcher(page);
        assertTrue(picture.find());
        BitImage first = BitImage.read(Base64.getDecoder().decode(picture.group(1)),
                ImageReadOptions.defaults());
        assertEquals(List.of(480, 384), List.of(first.width(), first.height()));
        assertFalse(Pattern.compile("(src|href)=\"(?!data:|#)").matcher(page).find(), "the page loads something");
        assertFalse(page.contains("<script"));
    }

    @Test
    void twoDetectorsStandSideBySide() throws Exception {
        List<List<ScoredBox>> nothing = List.of(List.of(), List.of(), List.of(), List.of());
        Document page = parse(DetectionReport.builder(MODEL, evaluation(OBJECTS, FOUND), images(OBJECTS))
                .beside("blind \"twin\"", evaluation(OBJECTS, nothing)).pictures(1)
                .history(List.of(new EpochResult(1, 2, Double.NaN, Task.Score.higherIsBetter("AP", 0.25), 1)))
                .build().toHtml());
        assertEquals(2, page.getElementsByTagName("image").getLength());
        assertEquals(2, page.getElementsByTagName("use").getLength());
        String text = page.getDocumentElement().getTextContent();
        assertTrue(text.contains("AP50, blind \"twin\""), text);
        assertTrue(text.contains("Validation AP, 0.2500 at the end"), text);
        assertEquals(2 * 2 + 2, page.getElementsByTagName("polyline").getLength());
    }

    @Test
    void theFileIsThePage() throws IOException {
        DetectionReport report =
                DetectionReport.builder(MODEL, evaluation(OBJECTS, FOUND), images(OBJECTS)).pictures(0).build();
        report.writeHtml(folder.resolve("report.html"));
        String page = Files.readString(folder.resolve("report.html"));
        assertEquals(report.toHtml(), page);
        assertFalse(page.contains("<image"));
    }

    @Test
    void otherPicturesAreRefused() {
        DetectorEvaluation evaluation = evaluation(OBJECTS, FOUND);
        BoxedImages less = images(OBJECTS).subset(0, 1);
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> DetectionReport.builder(MODEL, evaluation, less)).getMessage()
                .contains("'ternary' is of 4 pictures"));
        DetectionReport.Builder builder = DetectionReport.builder(MODEL, evaluation, images(OBJECTS));
        assertThrows(IllegalArgumentException.class, () -> builder.score(1.1));
        assertThrows(IllegalArgumentException.class, () -> builder.pictures(-1));
    }
}
