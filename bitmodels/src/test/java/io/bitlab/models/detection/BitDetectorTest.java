package io.bitlab.models.detection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImageCanvas;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.vision.BitResNet;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BitDetectorTest {

    private static final ClassNames NAMES = ClassNames.of("ant", "bee", "cat");
    private static final ImageInput INPUT = ImageInput.colour(40, 48).withFit(ImageFit.LETTERBOX);
    private static final DetectionOptions ALL = DetectionOptions.DEFAULT.withScoreThreshold(0f);

    @TempDir
    private Path folder;

    static BitDetectorConfig narrow() {
        return BitDetectorConfig.nano(INPUT, NAMES).toBuilder().channels(4, 6, 8, 10).blocks(1, 1, 1).neckChannels(8)
                .build();
    }

    /** A network whose norms have seen something, in evaluation. */
    private static BitDetector model(BitDetectorConfig config) {
        BitDetector model = AutoBitModel.fromConfig(config, 5);
        model.forward(Tensor.randn(1, 8, 3, 40, 48));
        model.eval();
        return model;
    }

    static BitImage noise(long seed, int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        CounterRandom random = new CounterRandom(seed, 0);
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) random.nextInt(256);
        }
        return BitImage.of(width, height, rgb);
    }

    @Test
    void jsonKeepsEverything() throws IOException {
        for (BitDetectorConfig config : List.of(BitDetectorConfig.nano(INPUT, NAMES), narrow().floatTwin(),
                BitDetectorConfig.small(ImageInput.grey(64, 96).withFit(ImageFit.STRETCH), NAMES).toBuilder()
                        .blocks(0, 1, 2, 3).options(new DetectionOptions(0.2f, 0.6f, 7, true)).build())) {
            assertEquals(config, BitDetectorConfig.fromMap(Json.parse(Json.compact(config.toMap()), "test")));
            assertEquals(config, config.toBuilder().build());
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
            channels; [4, 4]; "BitDetectorConfig: channels is [4, 4], expected 3 to 8 numbers: of the stem and of each"
            channels; [0, 1, 1]; "BitDetectorConfig: channels is 0, expected at least 1"
            blocks; [1]; "BitDetectorConfig: blocks is [1], expected 4 numbers, one for each stage"
            blocks; [1, 1, -1, 1]; "BitDetectorConfig: blocks is -1, expected 0 to 100"
            strides; []; "BitDetectorConfig: strides is [], expected consecutive powers of two from 4 to 32, such as"
            strides; [8, 32]; "BitDetectorConfig: strides is [8, 32], expected consecutive powers of two"
            strides; [2]; "BitDetectorConfig: strides is [2], expected consecutive powers of two"
            strides; [64]; "BitDetectorConfig: strides is [64], expected consecutive powers of two"
            neck_channels; 0; "BitDetectorConfig: neckChannels is 0, expected at least 1"
            score_threshold; 1; "DetectionOptions: scoreThreshold is 1.0, expected a number in [0, 1)"
            overlap_threshold; 0; "DetectionOptions: overlapThreshold is 0.0, expected a number in (0, 1]"
            anchors; 3; "BitDetectorConfig: unknown members [anchors]"
            """)
    void badValuesAreNamed(String member, String value, String message) throws IOException {
        Map<String, Object> json = new HashMap<>(BitDetectorConfig.nano(INPUT, NAMES).toMap());
        json.putAll(Json.parse("{\"" + member + "\": " + value + "}", "test"));
        String found = assertThrows(IllegalArgumentException.class, () -> BitDetectorConfig.fromMap(json)).getMessage();
        assertEquals(message, found.substring(0, Math.min(found.length(), message.length())));
    }

    @Test
    void inputsThatDontFitAreRefused() {
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> BitDetectorConfig.nano(ImageInput.colour(64, 64), NAMES)).getMessage().contains("is CROP"));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> BitDetectorConfig.nano(ImageInput.colour(24, 64).withFit(ImageFit.STRETCH), NAMES)).getMessage()
                .contains("24 x 64 pixels, expected at least 32 x 32"));
        BitDetector model = model(narrow());
        String message = assertThrows(IllegalArgumentException.class,
                () -> model.forward(Tensor.zeros(1, 3, 15, 40))).getMessage();
        assertEquals("BitDetector.forward: the input has the shape [1, 3, 15, 40], expected [n, 3, height, width] of"
                + " at least 16 x 16 pixels, the stride of the last stage", message);
        assertThrows(IllegalArgumentException.class, () -> model.forward(Tensor.zeros(1, 1, 40, 48)));
        BitDetector exact = model(narrow().toBuilder().imageInput(INPUT.withFit(ImageFit.EXACT)).build());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> exact.detect(noise(1, 40, 40))).getMessage()
                .contains("40 x 40"));
        BitDetector training = AutoBitModel.fromConfig(narrow(), 1);
        assertThrows(IllegalStateException.class, () -> training.detect(noise(1, 48, 40)));
        assertEquals("BitDetector.detect: the picture is null",
                assertThrows(NullPointerException.class, () -> model.detect(null)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"nano, 874", "small, 2885"})
    void presetsHaveTheirSizes(String preset, int thousands) {
        BitDetectorConfig config = preset.equals("nano") ? BitDetectorConfig.nano(INPUT, NAMES)
                : BitDetectorConfig.small(INPUT, NAMES);
        assertEquals(thousands, config.newModel().parameterCount() / 1000);
    }

    @ParameterizedTest
    @CsvSource({"40, 48", "41, 50", "16, 16", "33, 17"})
    void anyImageSizeHasItsPoints(int height, int width) {
        for (List<Integer> strides : List.of(List.of(8), List.of(4, 8), List.of(4, 8, 16))) {
            BitDetectorConfig config = narrow().toBuilder()
                    .strides(strides.stream().mapToInt(Integer::intValue).toArray()).build();
            int points = new DetectionPoints(height, width, strides).count();
            assertArrayEquals(new int[] {2, points, 8},
                    model(config).forward(Tensor.randn(2, 2, 3, height, width)).shape());
        }
    }

    @Test
    void deployedModelsAreSavedAndLoadedWithTheSameDetections() throws IOException {
        BitDetectorConfig config = narrow().toBuilder().strides(4, 8, 16).build();
        BitDetector model = model(config);
        List<BitImage> pictures = IntStream.range(0, 5).mapToObj(i -> noise(i, 30 + 9 * i, 70 - 11 * i)).toList();
        List<DetectedObjects> before = model.detect(pictures, ALL);
        assertEquals(before, pictures.stream().map(picture -> model.detect(picture, ALL)).toList());
        AutoBitModel.save(model, folder.resolve("float-state"));
        model.deploy();
        assertEquals(before, model.detect(pictures, ALL));
        AutoBitModel.save(model, folder.resolve("deployed"));
        for (String name : List.of("float-state", "deployed")) {
            BitDetector loaded = AutoBitModel.load(folder.resolve(name), BitDetector.class);
            loaded.eval();
            assertEquals(config, loaded.config());
            assertEquals(before, loaded.detect(pictures, ALL), name);
        }
        assertTrue(assertThrows(ModelFormatException.class,
                () -> AutoBitModel.load(folder.resolve("deployed"), BitResNet.class)).getMessage()
                .contains("BitDetector"));
    }

    @Test
    void otherOptionsKeepTheWeightsAndTheMode() {
        BitDetector model = model(narrow());
        BitDetector other = model.withOptions(ALL);
        assertEquals(ALL, other.config().options());
        assertEquals(DetectionOptions.DEFAULT, model.config().options());
        BitImage picture = noise(1, 60, 50);
        assertEquals(model.detect(picture, ALL), other.detect(picture));
        assertEquals(Layer.Mode.TRAIN, AutoBitModel.fromConfig(narrow(), 5).withOptions(ALL).mode());
        model.deploy();
        assertTrue(assertThrows(IllegalStateException.class, () -> model.withOptions(ALL)).getMessage()
                .contains("call it before deploy()"));
    }

    @Test
    void threadsShareAModel() {
        BitDetector model = model(narrow());
        List<BitImage> pictures = IntStream.range(0, 8).mapToObj(i -> noise(i, 60, 50)).toList();
        List<DetectedObjects> alone = pictures.stream().map(picture -> model.detect(picture, ALL)).toList();
        assertEquals(alone, pictures.parallelStream().map(picture -> model.detect(picture, ALL)).toList());
    }

    /** The first answers of a network say that there is probably nothing. */
    @Test
    void newNetworksSeeAlmostNothing() {
        BitDetector model = model(narrow());
        assertEquals(List.of(), model.detect(noise(1, 48, 40), DetectionOptions.DEFAULT).objects());
        DetectedObjects all = model.detect(noise(1, 48, 40), ALL);
        assertTrue(all.objects().size() > 5, all.toString());
        all.objects().forEach(object -> assertTrue(object.score() < 0.3f, object.toString()));
    }

    @Test
    void oneClassIsEnough() {
        DetectedObjects found = model(narrow().toBuilder().classNames(ClassNames.of("face")).build())
                .detect(noise(1, 48, 40), ALL);
        assertNotEquals(0, found.objects().size());
        found.objects().forEach(object -> assertEquals("face", object.name()));
    }

    /** The frame of a wide picture is mostly empty; what lies there is on no picture. */
    @Test
    void boxesBesideThePictureAreNone() {
        DetectedObjects found = model(narrow()).detect(noise(1, 300, 3), ALL);
        assertNotEquals(0, found.objects().size());
        found.objects().forEach(object -> assertTrue(object.box().area() > 0, object.toString()));
        assertThrows(IllegalArgumentException.class, () -> new DetectedObject("face", -1, 0.5f, new Box(0, 0, 1, 1)));
    }

    @Test
    void boxesStayOnThePictureAndReturnFromTheFrame() {
        for (int[] size : new int[][] {{101, 37}, {37, 101}, {48, 40}, {7, 300}}) {
            for (ImageFit fit : List.of(ImageFit.LETTERBOX, ImageFit.STRETCH)) {
                FramedImage framed = FramedImage.of(noise(1, size[0], size[1]), INPUT.withFit(fit));
                Box box = new Box(1.5, 2, size[0] - 2.5, size[1] - 3);
                Box there = framed.placed().toFrame(box);
                Box back = framed.toOriginal(there);
                assertEquals(box.left(), back.left(), 1e-9);
                assertEquals(box.bottom(), back.bottom(), 1e-9);
                Box rounded = framed.toOriginal(new Box(Math.round(there.left()), Math.round(there.top()),
                        Math.max(Math.round(there.left()), Math.round(there.right())), // whole pixels of the frame
                        Math.max(Math.round(there.top()), Math.round(there.bottom()))));
                assertEquals(box.right(), rounded.right(), 0.5 / framed.placed().scaleX() + 1e-9);
                Box beyond = framed.toOriginal(new Box(-500, -500, 500, 500));
                assertEquals(new Box(0, 0, size[0], size[1]), beyond);
            }
        }
        DetectedObjects all = model(narrow()).detect(noise(3, 90, 31), ALL);
        all.objects().forEach(object -> assertEquals(object.box(), object.box().clip(90, 31)));
        assertNotEquals(0, all.objects().size());
    }

    @Test
    void answersThatAreNotFiniteAreReported() {
        BitDetector model = AutoBitModel.fromConfig(narrow(), 1);
        model.stateDict().tensor("box_heads.0.1.bias").data()[2] = Float.NaN;
        model.eval();
        String message = assertThrows(IllegalStateException.class, () -> model.detect(noise(1, 48, 40))).getMessage();
        assertTrue(message.contains("NaN"), message);
    }

    /** Of names in other letters, of which captions would be question marks. */
    @Test
    void captionsNameWhatTheyCanWrite() {
        BitImage black = BitImage.of(200, 160, new byte[3 * 200 * 160]);
        BitImage[] drawn = new BitImage[3];
        String[] names = {"\u043a\u043e\u0448\u043a\u0430", "class 1", "cl\u00e4ss 1"};
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = new DetectedObjects(List.of(new DetectedObject(names[i], 1, 0.5f, new Box(10, 40, 50, 60))),
                    200, 160).drawOn(black);
        }
        assertEquals(drawn[1], drawn[0]);
        assertEquals(drawn[1], drawn[2]);
    }

    @Test
    void objectsAreFilteredWrittenAndDrawn() throws IOException {
        DetectedObject ant = new DetectedObject("ant", 0, 0.875f, new Box(10, 20, 50, 60));
        DetectedObject bee = new DetectedObject("bee", 1, 0.5f, new Box(0, 0, 100, 80));
        DetectedObjects found = new DetectedObjects(List.of(ant, bee), 100, 80);
        assertEquals(List.of(ant), found.above(0.6f).objects());
        assertEquals(List.of(bee), found.named("bee").objects());
        assertEquals(new Box(0.1, 0.25, 0.5, 0.75), found.relative(ant));
        Map<String, Object> json = Json.parse(found.toJson(), "test");
        assertEquals("{\"width\":100,\"height\":80,\"objects\":["
                + "{\"name\":\"ant\",\"label\":0,\"score\":0.875,\"box\":[10.0,20.0,50.0,60.0]},"
                + "{\"name\":\"bee\",\"label\":1,\"score\":0.5,\"box\":[0.0,0.0,100.0,80.0]}]}", Json.compact(json));
        BitImage black = BitImage.of(200, 160, new byte[3 * 200 * 160]); // a copy of twice the size
        BitImage drawn = found.drawOn(black);
        assertEquals(DetectionDrawing.colour(0), drawn.rgb(20, 119));
        assertEquals(DetectionDrawing.colour(0), drawn.rgb(99, 41));
        assertEquals(DetectionDrawing.colour(1), drawn.rgb(199, 159));
        // above the box of the ant: dark letters on its colour, as they are written elsewhere
        BitImage letters = new ImageCanvas(200, 160, DetectionDrawing.colour(0)).text("ant 88", 21, 32, 1, 0).toImage();
        for (int x = 20; x < 20 + ImageCanvas.textWidth("ant 88", 1); x++) {
            for (int y = 31; y < 39; y++) {
                assertEquals(letters.rgb(x, y), drawn.rgb(x, y), x + ", " + y);
            }
        }
        assertEquals(0, black.rgb(20, 119));
        assertEquals(0, drawn.rgb(60, 80));
    }
}
