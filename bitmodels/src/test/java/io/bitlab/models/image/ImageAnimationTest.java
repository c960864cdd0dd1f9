package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageAnimationTest {

    @TempDir
    private Path folder;

    private record Frame(BitImage image, int delay, byte[] loop) {
    }

    private static List<Frame> read(Path file) throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            reader.setInput(in);
            List<Frame> frames = new ArrayList<>();
            for (int i = 0; i < reader.getNumImages(true); i++) {
                IIOMetadataNode root =
                        (IIOMetadataNode) reader.getImageMetadata(i).getAsTree("javax_imageio_gif_image_1.0");
                IIOMetadataNode control =
                        (IIOMetadataNode) root.getElementsByTagName("GraphicControlExtension").item(0);
                IIOMetadataNode loop = (IIOMetadataNode) root.getElementsByTagName("ApplicationExtension").item(0);
                frames.add(new Frame(BitImage.of(reader.read(i)), Integer.parseInt(control.getAttribute("delayTime")),
                        loop == null ? null : (byte[]) loop.getUserObject()));
            }
            return frames;
        } finally {
            reader.dispose();
        }
    }

    private Path written(BitImage... frames) throws IOException {
        Path file = folder.resolve("frames.gif");
        ImageAnimation.of(List.of(frames)).write(file);
        return file;
    }

    /** Interlaced, images of few rows came back with other pixels. */
    @Test
    void singleImagesOfAnyHeightComeBack() throws IOException {
        Path file = folder.resolve("image.gif");
        for (int height = 1; height < 12; height++) {
            byte[] rgb = new byte[3 * 5 * height];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) (37 * i);
            }
            BitImage image = BitImage.of(5, height, rgb);
            image.write(file);
            assertEquals(image, BitImage.read(file));
        }
    }

    private static int worst(BitImage a, BitImage b) {
        int worst = 0;
        for (int i = 0; i < a.toRgb().length; i++) {
            worst = Math.max(worst, Math.abs((a.toRgb()[i] & 0xff) - (b.toRgb()[i] & 0xff)));
        }
        return worst;
    }

    private static BitImage random(int seed, int width, int height, boolean grey) {
        byte[] bytes = new byte[3 * width * height];
        new Random(seed).nextBytes(bytes);
        for (int i = 0; grey && i < bytes.length; i++) {
            bytes[i] = bytes[i / 3 * 3];
        }
        return BitImage.of(width, height, bytes);
    }

    @Test
    void framesDelaysAndLoopComeBack() throws IOException {
        BitImage[] frames = {LabelledImagesTest.plain(5, 3, 0xff0000), random(1, 5, 3, false), random(2, 5, 3, false),
            LabelledImagesTest.plain(5, 3, 0x00ff01)};
        Path file = folder.resolve("steps.GIF");
        ImageAnimation animation = ImageAnimation.of(List.of(frames)).withDelay(Duration.ofMillis(250));
        animation.write(file);
        List<Frame> found = read(file);
        assertEquals(List.of(frames), found.stream().map(Frame::image).toList());
        assertEquals(List.of(25, 25, 25, 25), found.stream().map(Frame::delay).toList());
        assertArrayEquals(new byte[] {1, 0, 0}, found.getFirst().loop());
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertTrue(bytes.startsWith("GIF89a") && bytes.indexOf("NETSCAPE2.0") == bytes.lastIndexOf("NETSCAPE2.0"));
        assertEquals("ImageAnimation(4 frames of 5 x 3, 250 ms each)", animation.toString());
        assertEquals(4, animation.frames());
        assertEquals(Duration.ofMillis(250), animation.delay());
        assertEquals(ImageAnimation.DEFAULT_DELAY, ImageAnimation.of(List.of(frames)).delay());
    }

    @Test
    void greyFramesAreExact() throws IOException {
        BitImage[] frames = {random(3, 64, 48, true), random(4, 64, 48, true)};
        assertEquals(List.of(frames), read(written(frames)).stream().map(Frame::image).toList());
    }

    /** 1,024 colours in 256: four share one. */
    @Test
    void coloursOfSmallFramesComeBackNearly() throws IOException {
        BitImage gradient = ImageFilesTest.gradient(32, 32);
        BitImage noise = random(5, 32, 32, false);
        BitImage other = gradient.flipped();
        List<Frame> found = read(written(gradient, noise, other));
        assertTrue(worst(gradient, found.get(0).image()) <= 8, "gradient " + worst(gradient, found.get(0).image()));
        assertTrue(worst(other, found.get(2).image()) <= 8, "flipped " + worst(other, found.get(2).image()));
        assertTrue(worst(noise, found.get(1).image()) <= 40, "noise " + worst(noise, found.get(1).image()));
    }

    /** Two colours of one pixel each beside a large area: both keep theirs. */
    @Test
    void rareColoursAreKept() throws IOException {
        byte[] bytes = ImageFilesTest.gradient(40, 40).toRgb();
        bytes[0] = bytes[1] = bytes[2] = (byte) 255;
        bytes[3] = bytes[4] = bytes[5] = 0;
        BitImage image = BitImage.of(40, 40, bytes);
        BitImage found = read(written(image)).getFirst().image();
        assertEquals(0xffffff, found.rgb(0, 0));
        assertEquals(0x000000, found.rgb(1, 0));
    }

    @Test
    void theSameFramesAreTheSameBytes() throws IOException {
        BitImage[] frames = {random(6, 30, 20, false), random(7, 30, 20, false)};
        byte[] first = Files.readAllBytes(written(frames));
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            Path file = folder.resolve("TURKISH.GIF");
            ImageAnimation.of(List.of(frames)).write(file);
            assertArrayEquals(first, Files.readAllBytes(file));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void aFailedWriteLeavesNothing() {
        Path file = folder.resolve("missing").resolve("a.gif");
        ImageAnimation animation = ImageAnimation.of(List.of(random(1, 2, 2, false)));
        assertThrows(IOException.class, () -> animation.write(file));
        assertFalse(Files.exists(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT0.01S", "PT0.025S", "PT0.0300001S", "PT-1S", "PT655.36S",
        "PT999999999H", "PT-999999999999999H"})
    void delaysThatTheFormatDoesNotKnowAreRefused(String delay) {
        ImageAnimation animation = ImageAnimation.of(List.of(random(1, 2, 2, false)));
        String message = assertThrows(IllegalArgumentException.class,
                () -> animation.withDelay(Duration.parse(delay))).getMessage();
        assertTrue(message.contains("expected a multiple of 10 milliseconds"), message);
        assertEquals(Duration.ofMillis(655_350), animation.withDelay(Duration.ofMillis(655_350)).delay());
    }

    @Test
    void framesThatDoNotFitAreRefused() {
        refused("no frames", () -> ImageAnimation.of(List.of()));
        refused("frame 1 is 3 x 2, the first 2 x 2",
                () -> ImageAnimation.of(List.of(random(1, 2, 2, false), random(1, 3, 2, false))));
        refused("70000 x 1 pixels", () -> ImageAnimation.of(List.of(LabelledImagesTest.plain(70_000, 1, 0))));
        ImageAnimation animation = ImageAnimation.of(List.of(random(1, 2, 2, false)));
        String name = assertThrows(IllegalArgumentException.class,
                () -> animation.write(folder.resolve("a.png"))).getMessage();
        assertTrue(name.contains("a.png should end with .gif"), name);
    }

    private static void refused(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
