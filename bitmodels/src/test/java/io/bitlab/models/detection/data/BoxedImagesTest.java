package io.bitlab.models.detection.data;

import static io.bitlab.models.detection.data.AnnotatedFolder.object;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoxedImagesTest {

    private static final LabelledBox BOX = LabelledBox.of(new Box(1, 1, 3, 3), 1);

    @TempDir
    private Path root;

    private static BoxedImages ten() {
        List<BitImage> images = IntStream.range(0, 10).mapToObj(i -> AnnotatedFolder.plain(4 + i, 4, i)).toList();
        return BoxedImages.of(images, IntStream.range(0, 10).mapToObj(i -> i % 2 == 0 ? List.of(BOX)
                : List.<LabelledBox>of()).toList(), List.of("a", "b"));
    }

    private static List<String> names(BoxedImages images) {
        return IntStream.range(0, images.size()).mapToObj(images::name).toList();
    }

    @Test
    void holdsImagesInMemory() throws IOException {
        BoxedImages images = ten();
        assertEquals(10, images.size());
        assertEquals("image 3", images.name(3));
        assertEquals(7, images.image(3).width());
        assertEquals(List.of(BOX), images.boxes(2));
        assertEquals(images.boxes(2), images.boxes().get(2));
        assertArrayEquals(new int[] {0, 5}, images.classCounts());
        assertEquals("BoxedImages(10 images; a 0, b 5)", images.toString());
        assertEquals("10 images, 5 of them without boxes; 5 boxes\n", images.report().toString());
    }

    @Test
    void splitsAreTheSameForASeed() {
        BoxedImages.Split split = ten().split(0.3, 1);
        assertEquals(3, split.test().size());
        assertEquals(7, split.train().size());
        List<String> all = new ArrayList<>(names(split.train()));
        all.addAll(names(split.test()));
        assertEquals(names(ten()), all.stream().sorted().toList());
        assertEquals(names(split.test()), names(ten().split(0.3, 1).test()));
        assertEquals(names(split.test()).stream().sorted().toList(), names(split.test()));
        assertEquals(9, IntStream.range(0, 20).mapToObj(seed -> names(ten().split(0.1, seed).test())).distinct()
                .count());
        for (double share : new double[] {0, 1, Double.NaN, 0.09}) {
            assertThrows(IllegalArgumentException.class, () -> ten().split(share, 1));
        }
    }

    @Test
    void subsetsAreChosenByNumberOrName() {
        assertEquals(List.of("image 7", "image 2"), names(ten().subset(7, 2)));
        assertEquals(List.of("image 7", "image 2"), names(ten().subset(List.of("image 7", "image 2"))));
        assertThrows(IllegalArgumentException.class, () -> ten().subset());
        assertThrows(IllegalArgumentException.class, () -> ten().subset(1, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> ten().subset(10));
        assertEquals("BoxedImages.subset: no image, or more than one, is called ['x']; names are like 'image 0'",
                assertThrows(IllegalArgumentException.class, () -> ten().subset(List.of("image 1", "x"))).getMessage());
    }

    @Test
    void refusesWhatDoesNotFit() {
        List<BitImage> one = List.of(AnnotatedFolder.plain(4, 4, 0));
        assertThrows(IllegalArgumentException.class, () -> BoxedImages.of(List.of(), List.of(), List.of("a")));
        assertThrows(IllegalArgumentException.class, () -> BoxedImages.of(one, List.of(), List.of("a")));
        assertThrows(IllegalArgumentException.class, () -> BoxedImages.of(one, List.of(List.of(BOX)), List.of("a")));
        assertThrows(IllegalArgumentException.class, () -> BoxedImages.of(one, List.of(List.of()), List.of("a", "a")));
        LabelledBox outside = LabelledBox.of(new Box(4, 0, 8, 4), 0);
        assertThrows(IllegalArgumentException.class,
                () -> BoxedImages.of(one, List.of(List.of(outside)), List.of("a")));
        assertThrows(IllegalArgumentException.class,
                () -> AnnotationOptions.defaults().withClassNames(List.of("a", "a")));
    }

    @Test
    void theChecksumStandsForTheContent() throws IOException {
        List<BitImage> images = List.of(AnnotatedFolder.plain(4, 4, 0));
        LabelledBox crowd = new LabelledBox(BOX.box(), 1, BoxKind.CROWD, 4);
        List<String> checksums = new ArrayList<>();
        for (BoxedImages data : List.of(BoxedImages.of(images, List.of(List.of(BOX)), List.of("a", "b")),
                BoxedImages.of(images, List.of(List.of(BOX)), List.of("a", "c")),
                BoxedImages.of(images, List.of(List.of(crowd)), List.of("a", "b")),
                BoxedImages.of(images, List.of(List.of(BOX, BOX)), List.of("a", "b")),
                BoxedImages.of(images, List.of(List.of(LabelledBox.of(new Box(1, 1, 3, 3.5), 1))), List.of("a", "b")),
                BoxedImages.of(List.of(AnnotatedFolder.plain(4, 4, 1)), List.of(List.of(BOX)), List.of("a", "b")))) {
            checksums.add(data.checksum());
        }
        assertEquals(checksums.size(), Stream.of(checksums.toArray()).distinct().count(), checksums.toString());
    }

    @Test
    void copiesHaveTheSameChecksum() throws IOException {
        List<String> checksums = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            new AnnotatedFolder(root.resolve(name)).image("a.png", 9, 9).xml("a.xml", 9, 9, object("x", 1, 1, 5, 5));
            checksums.add(BoxedImages.readVoc(root.resolve(name)).checksum());
        }
        assertEquals(checksums.get(0), checksums.get(1));
        byte[] changed = Files.readAllBytes(root.resolve("two/a.png"));
        changed[changed.length - 1]++;
        Files.write(root.resolve("two/a.png"), changed);
        assertNotEquals(checksums.get(0), BoxedImages.readVoc(root.resolve("two")).checksum());
    }
}
