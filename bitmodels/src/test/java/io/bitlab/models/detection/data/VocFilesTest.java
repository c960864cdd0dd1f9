package io.bitlab.models.detection.data;

import static io.bitlab.models.detection.data.AnnotatedFolder.assertRefused;
import static io.bitlab.models.detection.data.AnnotatedFolder.object;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.models.image.Box;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VocFilesTest {

    private static final AnnotationOptions DROP = AnnotationOptions.defaults().withOnProblem(OnProblem.DROP);

    @TempDir
    private Path root;
    private AnnotatedFolder folder;

    @BeforeEach
    void begin() {
        folder = new AnnotatedFolder(root);
    }

    /** One image of 40 x 30 pixels with these objects. */
    private AnnotatedFolder one(String... objects) throws IOException {
        return folder.image("JPEGImages/a.png", 40, 30).xml("Annotations/a.xml", 40, 30, objects);
    }

    private static List<String> names(BoxedImages images) {
        return IntStream.range(0, images.size()).mapToObj(images::name).toList();
    }

    @Test
    void readsObjectsAndTheirKinds() throws IOException {
        one(object("dog", 1, 2, 10, 20), object("cat", "3.5", 0, 40, 30).replace("<difficult>0", "<difficult>1"))
                .image("JPEGImages/b.JPG", 8, 8).xml("Annotations/b.xml", 8, 8).image("JPEGImages/c.png", 8, 8);
        BoxedImages images = BoxedImages.readVoc(root);
        assertEquals(List.of("cat", "dog"), images.classNames());
        assertEquals(List.of("a.png", "b.JPG"), names(images));
        assertEquals(List.of(LabelledBox.of(new Box(1, 2, 10, 20), 1),
                new LabelledBox(new Box(3.5, 0, 40, 30), 0, BoxKind.DIFFICULT, 36.5 * 30)), images.boxes(0));
        assertEquals(List.of(), images.boxes(1));
        assertEquals(40, images.image(0).width());
        assertEquals("BoxedImages(2 images; cat 1, dog 1)", images.toString());
        assertEquals("""
                2 images, 1 of them without boxes; 2 boxes
                noted: 1 images without annotation
                    c.png
                """, images.report().toString());
        assertEquals(List.of("dog", "cat"), BoxedImages.readVoc(root, null,
                AnnotationOptions.defaults().withClassNames(List.of("dog", "cat"))).classNames());
    }

    @Test
    void cornersCanBeInclusive() throws IOException {
        one(object("dog", 1, 1, 40, 30), object("dog", 2, 2, 2, 2));
        BoxedImages images = BoxedImages.readVoc(root, null,
                AnnotationOptions.defaults().withVocCorners(VocCorners.INCLUSIVE));
        assertEquals(List.of(LabelledBox.of(new Box(0, 0, 40, 30), 0), LabelledBox.of(new Box(1, 1, 2, 2), 0)),
                images.boxes(0));
        assertRefused(() -> BoxedImages.readVoc(root), "1 boxes without area (a.png: object 2 from (2, 2) to (2, 2))");
    }

    @Test
    void theFileNameDecidesAmongImagesOfOneName() throws IOException {
        folder.image("JPEGImages/a.gif", 40, 30).image("JPEGImages/a.png", 40, 30)
                .xml("Annotations/a.xml", 40, 30, object("dog", 1, 2, 10, 20));
        Path xml = root.resolve("Annotations/a.xml");
        Files.writeString(xml, Files.readString(xml).replaceFirst("<filename>.*</filename>",
                "<filename>a.png</filename>"));
        assertEquals(List.of("a.png"), names(BoxedImages.readVoc(root)));
    }

    @Test
    void foldersMayBeLinks() throws IOException {
        one(object("dog", 1, 2, 10, 20));
        Path other = Files.createDirectory(root.resolve("linked"));
        try {
            for (String name : List.of("JPEGImages", "Annotations")) {
                Files.createSymbolicLink(other.resolve(name), root.resolve(name));
            }
            Files.createSymbolicLink(root.resolve("JPEGImages/itself"), root.resolve("JPEGImages"));
        } catch (UnsupportedOperationException | IOException e) {
            assumeTrue(false, "no links here: " + e);
        }
        assertEquals(List.of("a.png"), names(BoxedImages.readVoc(other)));
    }

    @Test
    void filesCanLieSideBySide() throws IOException {
        folder.image("train/1.png", 9, 9).xml("train/1.xml", 9, 9, object("x", 1, 1, 5, 5))
                .image("given.png", 9, 9).xml("other.xml", 0, 0, object("x", 1, 1, 5, 5));
        BoxedImages images = BoxedImages.readVoc(root);
        assertEquals(List.of("given.png", "train/1.png"), names(images)); // other.xml names given.png
    }

    /** Classes are those of all files, so that parts agree; the list gives the order. */
    @Test
    void readsSplits() throws IOException {
        folder.image("JPEGImages/a.png", 9, 9).xml("Annotations/a.xml", 9, 9, object("z", 1, 1, 5, 5))
                .image("JPEGImages/b c.png", 9, 9).xml("Annotations/b c.xml", 9, 9, object("k", 1, 1, 5, 5))
                .image("JPEGImages/d.png", 9, 9).xml("Annotations/d.xml", 9, 9)
                .text("ImageSets/Main/trainval.txt", "b c\na\n\n").text("ImageSets/Main/z_test.txt", "a  1\nb c -1\n")
                .text("ImageSets/Main/val.txt", "d\nmissing\n");
        BoxedImages images = BoxedImages.readVoc(root, "trainval", AnnotationOptions.defaults());
        assertEquals(List.of("b c.png", "a.png"), names(images));
        assertEquals(List.of("k", "z"), images.classNames());
        assertEquals(List.of("a.png", "b c.png"),
                names(BoxedImages.readVoc(root, "z_test", AnnotationOptions.defaults())));
        assertEquals(List.of("k", "z"), BoxedImages.readVoc(root, "val", DROP).classNames());
        assertRefused(() -> BoxedImages.readVoc(root, "val", AnnotationOptions.defaults()),
                "missing.xml: there is no such file, which val.txt lists");
        assertRefused(() -> BoxedImages.readVoc(root, "none", DROP), "none.txt", "no such list");
    }

    @Test
    void partsOfObjectsAreNoObjects() throws IOException {
        one(object("person", 1, 1, 20, 20).replace("</object>", "<part><name>head</name><bndbox><xmin>2</xmin><ymin>2"
                + "</ymin><xmax>4</xmax><ymax>4</ymax></bndbox></part></object>"));
        assertEquals(List.of(LabelledBox.of(new Box(1, 1, 20, 20), 0)), BoxedImages.readVoc(root).boxes(0));
        assertEquals(List.of("person"), BoxedImages.readVoc(root).classNames());
    }

    @Test
    void problemsAreRefusedOrLeftOut() throws IOException {
        one(object("dog", 5, 5, 5, 9), object("dog", 50, 5, 60, 9), object("dog", 9, 5, 8, 9),
                object("dog", 1, 1, 9, 9),
                object("dog", 1, 1, 9, 9), object("cow", 1, 1, 9, 9), object("dog", "?", 1, 9, 9),
                object("dog", -3, 1, 9, 31), object("cow", 2, 2, 9, 9), object("dog", 0, 0, 40.4, 30.4),
                object("dog", 3, 3, 9, 9), object("dog", 4, 3, 9, 9))
                .xml("Annotations/gone.xml", 4, 4).text("Annotations/bad.xml", "<annotation><object></annotation>")
                .image("JPEGImages/size.png", 4, 4).xml("Annotations/size.xml", 5, 4)
                .text("JPEGImages/text.png", "no image").xml("Annotations/text.xml", 5, 4);
        AnnotationOptions dogs = DROP.withClassNames(List.of("dog"));
        BoxedImages images = BoxedImages.readVoc(root, null, dogs);
        AnnotationReport report = images.report();
        assertEquals(List.of(new Box(1, 1, 9, 9), new Box(0, 1, 9, 30), new Box(0, 0, 40, 30), new Box(3, 3, 9, 9),
                new Box(4, 3, 9, 9)), images.boxes(0).stream().map(LabelledBox::box).toList());
        assertEquals(List.of("a.png: object 1 from (5, 5) to (5, 9)"), report.examples(AnnotationProblem.NO_AREA));
        assertEquals(List.of("a.png: object 2 from (50, 5) to (60, 9) of 40 x 30"),
                report.examples(AnnotationProblem.OUTSIDE));
        assertEquals(List.of("a.png: object 3 from (9, 5) to (8, 9)"),
                report.examples(AnnotationProblem.SWAPPED_CORNERS));
        assertEquals(List.of("a.png: object 5 from (1, 1) to (9, 9)"), report.examples(AnnotationProblem.DUPLICATE));
        assertEquals(List.of("a.png: object 6 from (1, 1) to (9, 9): the class 'cow'",
                "a.png: object 9 from (2, 2) to (9, 9): the class 'cow'"),
                report.examples(AnnotationProblem.UNKNOWN_CLASS));
        assertEquals(List.of("a.png: object 8 from (-3, 1) to (9, 31) of 40 x 30"),
                report.examples(AnnotationProblem.CLIPPED));
        assertEquals(List.of("gone.xml: there is no image 'gone' of any format, and no 'given.png'"),
                report.examples(AnnotationProblem.MISSING_IMAGE));
        assertEquals(List.of("size.png: 4 x 4 pixels, annotated as 5 x 4"),
                report.examples(AnnotationProblem.WRONG_SIZE));
        assertEquals(1, report.count(AnnotationProblem.UNREADABLE_IMAGE));
        assertEquals(2, report.count(AnnotationProblem.UNREADABLE)); // bad.xml, and object 7
        assertEquals(11, report.leftOut());
        assertEquals(5, report.boxes());
        assertRefused(() -> BoxedImages.readVoc(root, null, dogs.withOnProblem(OnProblem.REFUSE)),
                root.toString(), "1 boxes without area (a.png: object 1", "2 boxes of unknown classes",
                "OnProblem.DROP");
        String problems = assertThrows(AnnotationException.class, () -> BoxedImages.readVoc(root)).problems();
        assertTrue(problems.startsWith(root.toString()), problems);
        assertFalse(problems.contains("OnProblem"), problems);
    }

    /** Corner and size instead of two corners: whatever the choice, there is nothing to be saved. */
    @Test
    void sizesInPlaceOfCornersAreNoticed() throws IOException {
        one(object("dog", 20, 20, 5, 5), object("dog", 22, 20, 6, 5), object("dog", 2, 2, 6, 5));
        assertRefused(() -> BoxedImages.readVoc(root, null, DROP), "2 of 3 boxes have corners in the wrong order",
                "(a.png: object 1 from (20, 20) to (5, 5)", "look like corner, width and height");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "<!DOCTYPE annotation [<!ENTITY x SYSTEM 'secret.txt'>]><annotation><filename>&x;</filename></annotation>",
        "<!DOCTYPE annotation SYSTEM 'http://127.0.0.1:9/a.dtd'><annotation></annotation>",
        "<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><annotation><filename>&b;</filename></annotation>",
        "<annotation><filename>&x;</filename></annotation>", "<html></html>", "", "<annotation>",
        "<annotation><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>"
                + "<a><a><a>"})
    void hostileFilesAreNotAccepted(String xml) throws IOException {
        one(object("dog", 1, 1, 9, 9)).text("Annotations/b.xml", xml).text("Annotations/secret.txt", "secret");
        AnnotationReport report = BoxedImages.readVoc(root, null, DROP).report();
        assertEquals(1, report.count(AnnotationProblem.UNREADABLE), report.toString());
        assertFalse(report.toString().contains("secret'"), report.toString());
    }

    /** A camera's note is followed if the boxes were drawn on the upright image, and ignored if they were not. */
    @Test
    void imagesAreTurnedAsTheirBoxesWereDrawn() throws IOException {
        folder.turned("upright.jpg", 40, 30).xml("upright.xml", 30, 40).turned("stored.jpg", 40, 30)
                .xml("stored.xml", 40, 30).turned("unknown.jpg", 40, 30).xml("unknown.xml", 0, 0);
        BoxedImages images = BoxedImages.readVoc(root);
        assertEquals(List.of(40, 30, 30), IntStream.range(0, 3).mapToObj(i -> width(images, i)).toList());
    }

    private static int width(BoxedImages images, int index) {
        try {
            return images.image(index).width();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aFolderWithoutAnnotationsIsRefused() throws IOException {
        assertRefused(() -> BoxedImages.readVoc(root), "no annotations");
        assertRefused(() -> BoxedImages.readVoc(root.resolve("none")), "none");
        folder.xml("a.xml", 3, 3);
        assertRefused(() -> BoxedImages.readVoc(root, null, DROP), "no annotated images",
                "1 annotations of images that are missing");
        one(object("dog", 1, 1, 9, 9));
        BoxedImages images = BoxedImages.readVoc(root);
        Files.delete(root.resolve("JPEGImages/a.png"));
        folder.image("JPEGImages/a.png", 30, 40);
        assertRefused(() -> images.image(0), "30 x 40", "read the annotations again");
    }
}
