package io.bitlab.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageAugmentation;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.image.LabelledImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSamplesTest {

    private static final ImageInput INPUT = ImageInput.grey(4, 4);

    @TempDir
    private Path folder;

    private Path image(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        ImageClassifierTest.noise(name.hashCode(), 6, 4).write(file);
        return file;
    }

    @Test
    void classesAreFoundByTheirNames() throws IOException {
        List<BitImage> images = ImageClassifierTest.pictures(3);
        LabelledImages data = LabelledImages.of(images, new int[] {0, 1, 0}, List.of("cat", "ant"));
        ImageSamples samples = ImageSamples.of(data, INPUT, ClassNames.of("ant", "bee", "cat"));
        assertArrayEquals(new int[] {2, 0, 2}, samples.labels(0, 1, 2));
        assertEquals(3, samples.classes());
        assertArrayEquals(INPUT.tensor(images).toArray(), samples.batch(0, 1, 2).toArray());
        assertArrayEquals(new int[] {1, 4, 4}, samples.sampleShape());
        ImageSamples inAnotherOrder = ImageSamples.of(data, INPUT, ClassNames.of("cat", "ant"));
        assertNotEquals(samples.checksum(), inAnotherOrder.checksum());
    }

    @Test
    void aClassThatTheModelDoesNotKnowIsRefused() {
        LabelledImages data = LabelledImages.of(ImageClassifierTest.pictures(1), new int[] {0}, List.of("ant", "dog"));
        assertEquals("ImageSamples: the data has the classes ['dog'], which the model does not know; it knows"
                + " ['ant', 'bee']; remove them from the data, or train a model that has them",
                assertThrows(IllegalArgumentException.class,
                        () -> ImageSamples.of(data, INPUT, ClassNames.of("ant", "bee"))).getMessage());
    }

    @Test
    void badFoldersAreRefused() throws IOException {
        image("ant/1.png");
        Files.createDirectories(folder.resolve("bee"));
        assertTrue(assertThrows(IOException.class, () -> LabelledImages.readFolder(folder)).getMessage()
                .endsWith("bee: no images for the class bee; add some, or remove the folder"));
        image("bee/1.png");
        Files.writeString(folder.resolve("bee/2.png"), "not a picture");
        ClassNames names = ClassNames.of("ant", "bee");
        LabelledImages images = LabelledImages.readFolder(folder);
        String message = assertThrows(IOException.class, () -> ImageSamples.of(images, INPUT, names)).getMessage();
        assertTrue(message.contains("2.png"), message);
        Files.delete(folder.resolve("bee/2.png"));
        ImageInput exact = INPUT.withFit(ImageFit.EXACT);
        LabelledImages mixed = LabelledImages.readFolder(folder);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ImageSamples.of(mixed, exact, names))
                .getMessage().startsWith("ImageDataset: ant/1.png: an image of 6 x 4 pixels, expected 4 x 4"));
    }

    @Test
    void changesOfImagesTakeSamples() {
        float[] expected = ImageClassifierTest.noise(1, 5, 4).toFloats();
        float[] found = expected.clone();
        ImageAugmentation change = ImageAugmentation.light();
        change.applyAll(expected, 3, 4, 5, 7, 1, 0);
        CounterRandom random = new CounterRandom(7, CounterRandom.stream("augmentation 1"));
        random.seek(0);
        ImageSamples.augmentation(change).apply(found, 0, new int[] {3, 4, 5}, random);
        assertArrayEquals(expected, found);
        assertThrows(IllegalArgumentException.class,
                () -> ImageSamples.augmentation(change).apply(found, 0, new int[] {60}, random));
    }
}
