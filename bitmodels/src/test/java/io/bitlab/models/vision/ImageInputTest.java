package io.bitlab.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ImageInputTest {

    @ParameterizedTest
    @EnumSource(ImageFit.class)
    void jsonKeepsEverything(ImageFit fit) throws Exception {
        for (ImageInput input : List.of(ImageInput.colour(32, 48).withFit(fit), ImageInput.grey(1, 2).withFit(fit),
                ImageInput.colour(5, 6).withNormalization(
                        ImageNormalization.of(new float[] {0.1f}, new float[] {1e-3f})))) {
            String json = Json.compact(input.toMap());
            assertEquals(input, ImageInput.fromJson(JsonObject.at("image_input", Json.parse(json, "test"))), json);
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
            height; 0; ImageInput: height 0 and width 48, expected 1 to 4096 pixels each
            width; 4097; ImageInput: height 32 and width 4097, expected 1 to 4096 pixels each
            width; x; image_input.width is 'x', expected a whole number
            channels; 1; image_input.channels is 1, expected 3, as mean and deviation have
            fit; squash; image_input.fit is 'squash', expected 'exact', 'stretch', 'crop' or 'letterbox'
            mean; 3; image_input.mean is 3, expected a list
            colour; 3; "image_input.unknown members [colour]; known are"
            """)
    void badMembersAreNamed(String member, String value, String message) {
        Map<String, Object> json = new HashMap<>(ImageInput.colour(32, 48).toMap());
        json.put(member, value.matches("\\d+") ? (Object) Integer.valueOf(value) : value);
        String found = assertThrows(IllegalArgumentException.class,
                () -> ImageInput.fromJson(JsonObject.at("image_input", json))).getMessage();
        assertEquals(message, found.substring(0, Math.min(found.length(), message.length())));
        json.remove(member);
        if (!member.equals("colour")) {
            assertThrows(IllegalArgumentException.class, () -> ImageInput.fromJson(JsonObject.of("input", json)));
        }
    }

    @Test
    void picturesAreFittedAndNormalised() {
        BitImage image = ImageClassifierTest.noise(4, 30, 20);
        ImageInput input = ImageInput.colour(8, 6).withFit(ImageFit.LETTERBOX);
        float[] expected = image.letterbox(6, 8, 0).image().toFloats(ImageNormalization.IMAGENET);
        assertArrayEquals(expected, input.tensor(List.of(image)).toArray());
        assertArrayEquals(new int[] {2, 3, 8, 6}, input.tensor(List.of(image, image)).shape());
        assertThrows(IllegalArgumentException.class, () -> input.tensor(List.of()));
    }

    @Test
    void thereAreNoPicturesWithoutPixels() {
        String message =
                assertThrows(IllegalArgumentException.class, () -> BitImage.of(0, 4, new byte[0])).getMessage();
        assertTrue(message.startsWith("BitImage: 0 x 4 pixels; expected at least 1 x 1"), message);
    }

    @Test
    void namesAreUniqueAndNotBlank() {
        assertEquals("ClassNames: the name of class 2 is 'ant', as that of class 0; expected a name for each class,"
                + " none twice",
                assertThrows(IllegalArgumentException.class,
                        () -> ClassNames.of("ant", "bee", "ant")).getMessage());
        assertEquals("ClassNames: the name of class 1 is ' ', which is blank; expected a name for each class,"
                + " none twice",
                assertThrows(IllegalArgumentException.class,
                        () -> ClassNames.of("ant", " ")).getMessage());
        assertEquals("ClassNames: there are no classes, expected at least 1",
                assertThrows(IllegalArgumentException.class, () -> ClassNames.numbered(0)).getMessage());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ClassNames.of("ant", "b\u001b[31m")).getMessage()
                .contains("which has a control character"));
        assertEquals(1, ClassNames.of("ant").size());
        assertEquals("ClassNames: there is no class 'dog' among ['0', '1']", assertThrows(
                IllegalArgumentException.class, () -> ClassNames.numbered(2).index("dog")).getMessage());
        assertEquals("ClassNames: there is no class 'dog' among ['0', '1', '2', '3', '4', '5', '6', '7'] and 2 more",
                assertThrows(IllegalArgumentException.class, () -> ClassNames.numbered(10).index("dog")).getMessage());
        assertEquals(1, ClassNames.of("ant", "bee").index("bee"));
    }
}
