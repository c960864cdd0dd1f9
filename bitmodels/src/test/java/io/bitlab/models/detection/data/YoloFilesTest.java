package io.bitlab.models.detection.data;

import static io.bitlab.models.detection.data.AnnotatedFolder.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.models.image.Box;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YoloFilesTest {

    private static final AnnotationOptions DROP = AnnotationOptions.defaults().withOnProblem(OnProblem.DROP);

    @TempDir
    private Path root;
    private AnnotatedFolder folder;

    @BeforeEach
    void begin() throws IOException {
        root = Files.createDirectories(root.resolve("set")); // names are looked for above it, too
        folder = new AnnotatedFolder(root).image("images/a.png", 40, 20).image("images/train/b.png", 40, 20);
    }

    private BoxedImages read(AnnotationOptions options) throws IOException {
        return BoxedImages.readYolo(root.resolve("images"), root.resolve("labels"), options);
    }

    private static AnnotationOptions classes(OnProblem onProblem) {
        return AnnotationOptions.defaults().withClassNames(List.of("dog", "cat")).withOnProblem(onProblem);
    }

    @Test
    void readsSharesAndPolygons() throws IOException {
        folder.text("labels/train/b.txt", "1 0.5 0.5 0.25 0.5\n\n 0.0\t.25 .25 .5 .5 \r\n1 0 0 0.5 0 0.5 1\n")
                .text("labels/classes.txt", "\ufeffdog\ncat\n\n");
        BoxedImages images = read(AnnotationOptions.defaults());
        assertEquals(List.of("dog", "cat"), images.classNames());
        assertEquals("train/b.png", images.name(1));
        assertEquals(List.of(LabelledBox.of(new Box(15, 5, 25, 15), 1), LabelledBox.of(new Box(0, 0, 20, 10), 0),
                new LabelledBox(new Box(0, 0, 20, 20), 1, BoxKind.OBJECT, 200)), images.boxes(1));
        assertEquals(List.of(), images.boxes(0));
        assertEquals("""
                2 images, 1 of them without boxes; 3 boxes
                noted: 1 images without annotation
                    a.png
                """, images.report().toString());
    }

    @Test
    void problemsAreRefusedOrLeftOut() throws IOException {
        folder.text("labels/a.txt", """
                2 .5 .5 .1 .1
                0 .5 .5 .1
                0 .5 .5 .1 .1 .9
                0.5 .5 .5 .1 .1
                -1 .5 .5 .1 .1
                x .5 .5 .1 .1
                0 .5 .5 .2 .2
                0 .5 .5 0 .2
                1 0 0 .5 .5
                0 .5 nan .2 .2
                """)
                .text("labels/train/b.txt", "").text("labels/c.txt", "0 .5 .5 .2 .2").text("labels/obj.names", "x");
        BoxedImages images = read(classes(OnProblem.DROP));
        AnnotationReport report = images.report();
        assertEquals(List.of(new Box(16, 8, 24, 12), new Box(0, 0, 10, 5)),
                images.boxes(0).stream().map(LabelledBox::box).toList());
        assertEquals(List.of("a.png: line 1 from (18, 9) to (22, 11): the class 2 of 2",
                "a.png: line 4 from (18, 9) to (22, 11): the class 0.5 of 2",
                "a.png: line 5 from (18, 9) to (22, 11): the class -1 of 2"),
                report.examples(AnnotationProblem.UNKNOWN_CLASS));
        assertEquals(4, report.count(AnnotationProblem.UNREADABLE), report.toString());
        assertEquals(1, report.count(AnnotationProblem.NO_AREA));
        assertEquals(1, report.count(AnnotationProblem.CLIPPED));
        assertEquals(List.of("c.txt: there is no image of this name in " + root.resolve("images")),
                report.examples(AnnotationProblem.MISSING_IMAGE));
        assertRefused(() -> read(classes(OnProblem.REFUSE)), "a.txt: line 2 is '0 .5 .5 .1', expected a class",
                "OnProblem.DROP");
    }

    @Test
    void pixelsInPlaceOfSharesAreNoticed() throws IOException {
        folder.text("labels/a.txt", "0 20 10 4 4\n0 12 10 4 4\n1 5 5 2 2\n");
        assertRefused(() -> read(classes(OnProblem.DROP)), "3 of 3 boxes reach far beyond their image",
                "look like pixels");
    }

    @ParameterizedTest
    @ValueSource(strings = {"names: [dog, 'it''s #1', \"a, b\"]", "path: x\nnc: 3\nnames:\n- dog\n- it's #1\n- a, b\n",
        "names:\n  - dog # the first\n\n  - 'it''s #1'\n  - \"a, b\"\nval: y\n",
        "names:\n  0: dog\n  1: 'it''s #1'\n  2: 'a, b'\nother:\n  3: x", "names: [\n  dog,\n 'it''s #1',\n"
                + "\"a, b\" ]\ntrain: []"})
    void namesAreReadFromSimpleYaml(String yaml) throws IOException {
        folder.text("data.yaml", yaml.replace("- it's #1", "- \"it's #1\"").replace("- a, b", "- 'a, b'"))
                .text("labels/a.txt", "2 .5 .5 .1 .1");
        assertEquals(List.of("dog", "it's #1", "a, b"), read(DROP).classNames());
    }

    @ParameterizedTest
    @ValueSource(strings = {"names: &x [a, b]", "names: {0: a, 1: b}", "names: [a, b", "names: [a, [b]]", "nc: 3",
        "names:\n  1: a\n  0: b", "names:\n  - |\n    a", "names: names.txt", "names: [a, a]", "names:", "names: []",
        "names: [a b: c]", "names:\n  a: b", "names: [a] x", "names: ['a' 'b']"})
    void otherYamlIsRefused(String yaml) throws IOException {
        folder.text("data.yaml", yaml).text("labels/a.txt", "0 .5 .5 .1 .1");
        assertRefused(() -> read(DROP), "data.yaml", "names");
    }

    @Test
    void listsAreOfUtf8AndMayBeLong() throws IOException {
        folder.text("labels/a.txt", "0 .5 .5 .1 .1");
        Files.write(root.resolve("classes.txt"), new byte[] {'B', (byte) 0xfc});
        assertRefused(() -> read(DROP), "classes.txt", "not UTF-8");
        Files.delete(root.resolve("classes.txt"));
        String name = "it''s ".repeat(20_000);
        folder.text("data.yaml", "names: ['" + name + "']");
        assertEquals(List.of(name.replace("''", "'")), read(DROP).classNames());
    }

    @Test
    void namesAreNeeded() throws IOException {
        folder.text("labels/a.txt", "0 .5 .5 .1 .1");
        assertRefused(() -> read(DROP), "withClassNames", "classes.txt");
        assertRefused(() -> BoxedImages.readYolo(root.resolve("none"), root, DROP), "none");
    }
}
