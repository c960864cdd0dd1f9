package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.testing.LettersWithMarks;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.transformer.BitTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TextEncoderTest {

    private static final BitTransformer MODEL = TextGeneratorTest.model(256, 300);
    private static final LettersWithMarks LETTERS = LettersWithMarks.create();

    private static TextEncoder.Builder encoder() {
        return TextEncoder.builder(MODEL, LETTERS);
    }

    private static List<String> texts() {
        SplittableRandom random = new SplittableRandom(5);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            StringBuilder text = new StringBuilder();
            int length = i == 0 ? 0 : random.nextInt(i % 7 == 0 ? 299 : 40);
            for (int c = 0; c < length; c++) {
                text.append("abc xyz\u00e4".charAt(random.nextInt(8)));
            }
            texts.add(text.toString());
        }
        return texts;
    }

    /** From the hidden states whose logits the model computes. */
    @ParameterizedTest
    @EnumSource(TextPooling.class)
    void vectorsAreThePooledStates(TextPooling pooling) {
        TextEncoder encoder = encoder().pooling(pooling).normalize(false).build();
        TextEncoder normalizing = encoder().pooling(pooling).build();
        for (String text : texts().subList(0, 10)) {
            int[] ids = LETTERS.encode("a" + text);
            ids[0] = LETTERS.bos().orElseThrow();
            System.arraycopy(LETTERS.encode(text), 0, ids, 1, ids.length - 1);
            Tensor hidden = MODEL.hidden(ids, 1);
            assertArrayEquals(new int[] {1, ids.length, 32}, hidden.shape());
            double[] expected = new double[32];
            for (int position = pooling == TextPooling.MEAN ? 0 : ids.length - 1; position < ids.length; position++) {
                for (int i = 0; i < 32; i++) {
                    expected[i] += hidden.data()[position * 32 + i] / (pooling == TextPooling.MEAN ? ids.length : 1.0);
                }
            }
            double length = 0;
            float[] vector = encoder.encode(text);
            for (int i = 0; i < 32; i++) {
                assertEquals(expected[i], vector[i], 1e-6);
                length += expected[i] * expected[i];
            }
            float[] normalized = normalizing.encode(text);
            for (int i = 0; i < 32; i++) {
                assertEquals(expected[i] / Math.sqrt(length), normalized[i], 1e-6);
            }
        }
    }

    @Test
    void theStatesAreThoseOfWhichTheLogitsAreMade() {
        int[] ids = LETTERS.encode("once upon a time");
        Tensor hidden = MODEL.hidden(ids, 1);
        Tensor table = MODEL.stateDict().tensor("model.embed_tokens.weight");
        float[] logits = MODEL.newSession().append(ids);
        for (int token = 0; token < 20; token++) {
            double sum = 0;
            for (int i = 0; i < 32; i++) {
                sum += (double) hidden.data()[(ids.length - 1) * 32 + i] * table.data()[token * 32 + i];
            }
            assertEquals(sum, logits[token], 1e-4);
        }
    }

    @Test
    void aTextHasTheSameVectorAloneAndAmongOthers() {
        TextEncoder encoder = encoder().build();
        List<String> texts = texts();
        List<float[]> together = encoder.encode(texts);
        assertEquals(texts.size(), together.size());
        for (int i = 0; i < texts.size(); i++) {
            assertArrayEquals(encoder.encode(texts.get(i)), together.get(i), "text " + i);
        }
        assertEquals(List.of(), encoder.encode(List.of()));
    }

    @Test
    void threadsShareOne() throws Exception {
        TextEncoder encoder = encoder().build();
        List<String> texts = texts();
        List<float[]> expected = encoder.encode(texts);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<List<float[]>>> runs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                runs.add(threads.submit(() -> encoder.encode(texts)));
            }
            for (Future<List<float[]>> run : runs) {
                for (int i = 0; i < texts.size(); i++) {
                    assertArrayEquals(expected.get(i), run.get().get(i));
                }
            }
        }
    }

    @Test
    void countsWhatItReads() {
        assertEquals(5, encoder().build().count("abcd"));
        assertEquals(4, encoder().addBos(false).build().count("abcd"));
        assertEquals(1, encoder().build().count(""));
        assertNotEquals(encoder().build().encode("ab")[0], encoder().addBos(false).build().encode("ab")[0]);
    }

    @Test
    void wrongInputIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> encoder().addBos(false).build().encode(""));
        assertThrows(IllegalArgumentException.class, () -> encoder().build().encode("A"));
        String message = assertThrows(IllegalArgumentException.class, () -> encoder().build().encode("a".repeat(300)))
                .getMessage();
        assertTrue(message.contains("sequences of 301 tokens, expected at most the 300 positions"), message);
        assertThrows(IllegalArgumentException.class,
                () -> TextEncoder.builder(MODEL, new ByteTokenizer()).addBos(true));
        BitTransformer small = TextGeneratorTest.model(255, 20);
        assertThrows(IllegalArgumentException.class, () -> TextEncoder.builder(small, new ByteTokenizer()));
        BitTransformer training = TextGeneratorTest.model(256, 20);
        training.train();
        TextEncoder encoder = TextEncoder.builder(training, LETTERS).build();
        assertThrows(IllegalStateException.class, () -> encoder.encode("a"));
        assertThrows(IllegalArgumentException.class, () -> MODEL.hidden(new int[3], 2));
    }
}
