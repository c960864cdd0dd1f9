package io.bitlab.models.detection.data;

import static io.bitlab.models.detection.data.AnnotatedFolder.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.models.image.Box;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CocoFilesTest {

    private static final AnnotationOptions DROP = AnnotationOptions.defaults().withOnProblem(OnProblem.DROP);
    private static final String CATEGORIES = "\"categories\": [{\"id\": 90, \"name\": \"hat\"}, {\"id\": 3, \"name\":"
            + " \"cat\", \"supercategory\": {\"x\": [1]}}]";

    @TempDir
    private Path root;
    private AnnotatedFolder folder;

    @BeforeEach
    void begin() throws IOException {
        folder = new AnnotatedFolder(root).image("img/10.png", 40, 30).image("img/sub/9.png", 40, 30);
    }

    private BoxedImages read(AnnotationOptions options, String json) throws IOException {
        folder.text("coco.json", json);
        return BoxedImages.readCoco(root.resolve("coco.json"), root.resolve("img"), options);
    }

    private static String images() {
        return "\"images\": [{\"id\": 10, \"file_name\": \"10.png\", \"width\": 40, \"height\": 30, \"license\": null},"
                + "{\"file_name\": \"sub/9.png\", \"id\": 9}]";
    }

    private static String file(String... annotations) {
        return "{\"info\": {\"a\": [{}]}, \"annotations\": [" + String.join(", ", annotations) + "], " + CATEGORIES
                + ", " + images() + "}";
    }

    private static String annotation(Object image, Object category, String bbox, String more) {
        return "{\"id\": 1, \"image_id\": " + image + ", \"category_id\": " + category + ", \"bbox\": " + bbox + more
                + "}";
    }

    /** As where the file was written on Windows, or an accented letter is one character here and two on the disk. */
    @Test
    void namesMayBeThoseOfAnotherSystem() throws IOException {
        try {
            folder.image("img/Fla\u0308che.png", 40, 30);
        } catch (InvalidPathException e) {
            assumeTrue(false, "no such names here: " + e);
        }
        BoxedImages images = read(AnnotationOptions.defaults(), file().replace("sub/9.png", "sub\\\\9.png")
                .replace("10.png", "Fl\u00e4che.png"));
        assertEquals(List.of("sub/9.png", "Fl\u00e4che.png"), List.of(images.name(0), images.name(1)));
        assertEquals(40, images.image(0).width());
    }

    /** Some sets annotate hidden parts beyond the frame. */
    @Test
    void mostBoxesMayReachALittleBeyondTheImage() throws IOException {
        BoxedImages images = read(AnnotationOptions.defaults(), file(annotation(10, 3, "[-2, 0, 43, 30]", ""),
                annotation(10, 3, "[-3, 1, 43, 30]", ""), annotation(10, 3, "[1, 1, 12, 31]", "")));
        assertEquals(3, images.report().count(AnnotationProblem.CLIPPED));
        assertEquals(new Box(0, 0, 40, 30), images.boxes(1).get(0).box());
    }

    /** Images and categories in the order of their ids, whatever the order in the file. */
    @Test
    void readsBoxesCrowdsAndAreas() throws IOException {
        BoxedImages images = read(AnnotationOptions.defaults(), file(
                annotation(10, 90, "[1, 2, 10.5, 20]", ", \"area\": 99.5, \"segmentation\": [[1, 2, 3], []]"),
                annotation(10, 3, "[0, 0, 40, 30]",
                        ", \"iscrowd\": 1, \"segmentation\": {\"counts\": \"x\", \"size\": [3, 4]}"),
                annotation(10, 3, "[5, 5, 2, 2]", ", \"area\": null, \"iscrowd\": 0")));
        assertEquals(List.of("cat", "hat"), images.classNames());
        assertEquals("sub/9.png", images.name(0));
        assertEquals(List.of(), images.boxes(0));
        assertEquals(List.of(new LabelledBox(new Box(1, 2, 11.5, 22), 1, BoxKind.OBJECT, 99.5),
                new LabelledBox(new Box(0, 0, 40, 30), 0, BoxKind.CROWD, 1200), LabelledBox.of(new Box(5, 5, 7, 7), 0)),
                images.boxes(1));
        assertEquals(0, images.report().leftOut());
        assertEquals(1, images.report().emptyImages());
    }

    /** The current folder, as "." names it, holds all images. */
    @Test
    void readsImagesBelowTheCurrentFolder() throws IOException {
        Path here = Files.createTempDirectory(Path.of("target"), "coco");
        try {
            Files.copy(root.resolve("img/10.png"), here.resolve("10.png"));
            Path json = Files.writeString(here.resolve("coco.json"),
                    "{\"images\": [{\"id\": 1, \"file_name\": \"" + here
                            .toString().replace('\\', '/') + "/10.png\"}], \"annotations\": ["
                            + annotation(1, 3, "[1, 1, 2, 2]", "") + "], " + CATEGORIES + "}");
            assertEquals(1, BoxedImages.readCoco(json, Path.of("."), AnnotationOptions.defaults()).size());
        } finally {
            Files.deleteIfExists(here.resolve("10.png"));
            Files.deleteIfExists(here.resolve("coco.json"));
            Files.delete(here);
        }
    }

    @Test
    void readsIdsThatAreStrings() throws IOException {
        BoxedImages images = read(DROP,
                "\ufeff{\"images\": [{\"id\": \"b\", \"file_name\": \"10.png\"}], \"annotations\":"
                        + " [" + annotation("\"b\"", "\"h\"", "[1, 1, 2, 2]", "")
                        + "], \"categories\": [{\"id\": \"h\","
                        + " \"name\": \"hat\"}, {\"id\": \"c\", \"name\": \"hat\"}]}");
        assertEquals(List.of("hat"), images.classNames());
        assertEquals(1, images.boxes(0).size());
    }

    @Test
    void problemsAreRefusedOrLeftOut() throws IOException {
        String json = file(annotation(10, 90, "[1, 2, 0, 20]", ""), annotation(7, 90, "[1, 1, 2, 2]", ""),
                annotation(10, 4, "[1, 1, 2, 2]", ""), annotation(10, 90, "[1, 1, 2]", ""),
                annotation(10, 3, "[1, 1, 2, 2]", ""), annotation(10, 90, "null", ""),
                annotation(10, 3, "[1, 1, -2, 2]", ""), annotation(10, 90, "[5, 5, 2, 2]", ""))
                .replace("\"images\": [", """
                        "images": [{"id": 1, "file_name": "gone.png"}, {"id": 2}, {"id": 9, "file_name": "10.png"},
                        {"id": 3, "file_name": "../coco.json"},""");
        AnnotationReport report = read(DROP, json).report();
        assertEquals(1, report.count(AnnotationProblem.NO_AREA));
        assertEquals(1, report.count(AnnotationProblem.SWAPPED_CORNERS));
        assertEquals(List.of("10.png: annotations[2] from (1, 1) to (3, 3): the class with the id 4"),
                report.examples(AnnotationProblem.UNKNOWN_CLASS));
        assertEquals(List.of("'gone.png' with 0 annotations: there is no such file in " + root.resolve("img"),
                "'../coco.json' with 0 annotations: there is no such file in " + root.resolve("img"),
                "annotations[1]: no image has the id 7"),
                report.examples(AnnotationProblem.MISSING_IMAGE));
        assertEquals(List.of("the image with the id 2 and file name null lacks one",
                "the image 'sub/9.png' has the id 9 of an earlier one",
                "10.png: annotations[3] has no bbox of four numbers",
                "10.png: annotations[5] has no bbox of four numbers"),
                report.examples(AnnotationProblem.UNREADABLE));
        assertRefused(() -> read(AnnotationOptions.defaults(), json), "coco.json", "3 annotations of images that are"
                + " missing ('gone.png' with 0", "OnProblem.DROP");
        assertEquals(2, read(DROP.withClassNames(List.of("cat")), json).report()
                .count(AnnotationProblem.UNKNOWN_CLASS));
    }

    @Test
    void cornersInPlaceOfSizesAreNoticed() {
        assertRefused(() -> read(DROP, file(annotation(10, 3, "[20, 20, 39, 29]", ""),
                annotation(10, 3, "[30, 2, 40, 12]", ""), annotation(10, 3, "[1, 1, 12, 12]", ""))),
                "2 of 3 boxes reach far beyond their image", "annotations[0] from (20, 20) to (59, 49) of 40 x 30",
                "look like two corners");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{\"images\": [], \"categories\": []} | no list of annotations", "[] | expected an object",
        "{\"images\": 3} | images is not a list", "{\"images\": [3]} | images[0] is not an object",
        "{\"images\": [ | not valid JSON", "{\"images\": [{\"id\": 1, \"id\": 2}]} | not valid JSON",
        "{\"images\": [], \"annotations\": [], \"categories\": []} 3 | text follows",
        "{\"images\": [], \"annotations\": [], \"categories\": [{\"id\": 1}]} | lacks one",
        "{\"images\": [], \"annotations\": [], \"categories\": []} | no annotated images"})
    void otherFilesAreRefused(String json, String message) {
        assertRefused(() -> read(DROP, json), "coco.json", message);
    }

    @Test
    void missingFilesAreRefused() {
        assertRefused(() -> BoxedImages.readCoco(root.resolve("none.json"), root, DROP), "none.json");
        assertRefused(() -> BoxedImages.readCoco(root.resolve("none.json"), root.resolve("x"), DROP),
                "folder in which");
    }
}
