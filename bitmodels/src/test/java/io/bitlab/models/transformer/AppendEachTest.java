package io.bitlab.models.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.layers.Observation;
import io.bitlab.models.AutoBitModel;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several tokens in one step, with the logits after each. */
class AppendEachTest {

    private static final int VOCABULARY = 67;

    private static BitTransformer model(BitTransformerConfig config) {
        BitTransformer model = AutoBitModel.fromConfig(config, 3);
        model.eval();
        return model;
    }

    private static int[] tokens(int length) {
        return new Random(length).ints(length, 0, VOCABULARY).toArray();
    }

    /** Also where a step has more tokens than are computed at a time, alone and among others. */
    @ParameterizedTest
    @MethodSource("io.bitlab.models.transformer.BatchedDecoderTest#configs")
    void theLogitsAreThoseOfSingleTokens(BitTransformerConfig config) {
        BitTransformer model = model(config);
        int[] tokens = tokens(190);
        DecodingSession single = model.newSession();
        float[][] expected = new float[tokens.length][];
        for (int i = 0; i < tokens.length; i++) {
            expected[i] = single.append(tokens[i]).clone();
        }
        BatchedDecoder decoder = BatchedDecoder.builder(model).stepTokens(7).build();
        try (DecodingSession shared = decoder.newSession()) {
            for (DecodingSession session : new DecodingSession[] {model.newSession(), shared}) {
                int from = 0;
                for (int length : new int[] {1, 3, 16, 8, 150}) {
                    float[][] found = session.appendEach(Arrays.copyOfRange(tokens, from, from + length));
                    assertEquals(length, found.length);
                    for (int i = 0; i < length; i++) {
                        assertArrayEquals(expected[from + i], found[i], "token " + (from + i));
                    }
                    session.truncate(from + 1);
                    assertArrayEquals(expected[from + 1], session.append(tokens[from + 1]), "after truncation");
                    if (length > 2) {
                        session.append(Arrays.copyOfRange(tokens, from + 2, from + length));
                    } else {
                        session.truncate(from + length);
                    }
                    from += length;
                }
                assertEquals(178, session.length());
            }
        }
    }

    /** A part of a prompt, in one step or several, alone and among others. */
    @ParameterizedTest
    @MethodSource("io.bitlab.models.transformer.BatchedDecoderTest#configs")
    void withoutLogitsTheTextIsTheSame(BitTransformerConfig config) {
        BitTransformer model = model(config);
        int[] tokens = tokens(190);
        float[] expected = model.newSession().append(tokens).clone();
        BatchedDecoder decoder = BatchedDecoder.builder(model).stepTokens(7).build();
        try (DecodingSession shared = decoder.newSession()) {
            for (DecodingSession session : new DecodingSession[] {model.newSession(), shared}) {
                session.read(tokens[0]);
                session.read(Arrays.copyOfRange(tokens, 1, 150));
                assertEquals(150, session.length());
                session.read(Arrays.copyOfRange(tokens, 150, 189));
                assertArrayEquals(expected, session.append(tokens[189]));
                assertThrows(IllegalArgumentException.class, session::read);
                assertThrows(IllegalStateException.class, () -> session.read(tokens(11)));
                assertEquals(190, session.length());
            }
        }
    }

    /** The window has dropped what the text before the failure needs, so only a new beginning helps. */
    @Test
    void afterAFailureOfALongAppendTheSessionBeginsAgain() {
        BitTransformer model = model(BatchedDecoderTest.configs().getFirst());
        int[] tokens = tokens(600);
        DecodingSession session =
                model.newSession(model.cacheBuilder().capacity(60).slidingWindow(true).build());
        session.append(Arrays.copyOf(tokens, 100));
        AtomicInteger steps = new AtomicInteger();
        try (Observation _ = model.observe((path, _) -> {
            if (path.equals("model.layers.0.input_layernorm") && steps.incrementAndGet() == 3) {
                throw new IllegalStateException("broken");
            }
        })) {
            assertThrows(IllegalStateException.class,
                    () -> session.append(Arrays.copyOfRange(tokens, 100, 600)));
        }
        assertThrows(IllegalArgumentException.class, () -> session.truncate(session.length()));
        assertThrows(IllegalStateException.class, () -> session.append(1));
        session.truncate(0);
        float[] expected = model.newSession(model.cacheBuilder().capacity(60).slidingWindow(true).build())
                .append(tokens).clone();
        assertArrayEquals(expected, session.append(tokens));
    }

    @Test
    void whatIsWrongAppendsNothing() {
        DecodingSession session = model(BatchedDecoderTest.configs().getFirst()).newSession();
        session.append(1, 2);
        assertThrows(IllegalArgumentException.class, session::appendEach);
        assertThrows(IllegalArgumentException.class, () -> session.appendEach(3, VOCABULARY));
        assertThrows(IllegalStateException.class, () -> session.appendEach(tokens(199)));
        assertEquals(2, session.length());
        assertEquals(198, session.revocableRoom());
    }

    /** As many tokens as promised can be dropped again, not one more, and the text goes on as if nothing was. */
    @Test
    void aSlidingWindowSaysHowManyTokensCanBeDropped() {
        BitTransformer model =
                model(BitTransformerConfig.builder(VOCABULARY, 16, 1, 1).maxPositionEmbeddings(300).build());
        for (int capacity : new int[] {1, 2, 100, 129}) {
            int[] tokens = tokens(420);
            DecodingSession plain =
                    model.newSession(model.cacheBuilder().capacity(capacity).slidingWindow(true).build());
            int smallest = Integer.MAX_VALUE;
            for (int i = 0; i < tokens.length; i++) {
                DecodingSession session =
                        model.newSession(model.cacheBuilder().capacity(capacity).slidingWindow(true).build());
                if (i % 13 == 0 || i + 3 > capacity && (i + 3 - capacity) % 128 < 6) {
                    if (i > 0) {
                        session.append(Arrays.copyOf(tokens, i));
                    }
                    int room = session.revocableRoom();
                    smallest = Math.min(smallest, room);
                    float[] expected = session.appendEach(Arrays.copyOf(new int[] {tokens[i]}, room))[0].clone();
                    int length = i + 1;
                    assertDoesNotThrow(() -> session.truncate(length), () -> capacity + " at " + length);
                    assertArrayEquals(plain.append(tokens[i]), expected);
                    if (i + 1 < tokens.length) {
                        float[] next = session.append(tokens[i + 1]).clone();
                        assertArrayEquals(plain.append(tokens[i + 1]), next);
                        plain.truncate(0);
                        plain.append(Arrays.copyOf(tokens, i + 1));
                    }
                } else {
                    plain.append(tokens[i]);
                }
            }
            assertEquals(1, smallest, "at the end of a page");
        }
        DecodingSession session = model.newSession(model.cacheBuilder().capacity(100).slidingWindow(true).build());
        session.append(tokens(150));
        int room = session.revocableRoom();
        assertTrue(room > 1);
        session.append(tokens(room + 1));
        assertThrows(IllegalArgumentException.class, () -> session.truncate(151));
    }
}
