package io.bitlab.langchain4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.output.Response;
import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.generate.TextGenerator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Embeddings are those of the encoder. */
class EmbeddingRequestsTest {

    private static final TextGenerator GENERATOR = RandomTalk.generator();
    private static final TextEncoder ENCODER =
            TextEncoder.builder(GENERATOR.model(), GENERATOR.tokenizer()).build();
    private static final BitLabEmbeddingModel MODEL = BitLabEmbeddingModel.of(ENCODER);

    @Test
    void vectorsAreTheEncoders() {
        Response<List<Embedding>> both = MODEL.embedAll(List.of(TextSegment.from("one"), TextSegment.from("and two")));
        assertArrayEquals(ENCODER.encode("one"), both.content().get(0).vector());
        assertArrayEquals(ENCODER.encode("and two"), both.content().get(1).vector());
        assertEquals(ENCODER.count("one") + ENCODER.count("and two"), both.tokenUsage().inputTokenCount());
        assertArrayEquals(ENCODER.encode("one"), MODEL.embed("one").content().vector());
        assertEquals(32, MODEL.dimension());
        assertEquals("bittransformer", MODEL.modelName());
        assertTrue(MODEL.toString().contains("32 numbers"), MODEL.toString());
    }

    @Test
    void whatIsNotSupportedOrDoesNotFitIsRefused() {
        assertThrows(UnsupportedFeatureException.class,
                () -> MODEL.embed(EmbeddingRequest.builder().input("one").dimensions(8).build()));
        assertThrows(UnsupportedFeatureException.class,
                () -> MODEL.embed(EmbeddingRequest.builder().input("one").modelName("another").build()));
        assertThrows(InvalidRequestException.class, () -> MODEL.embed("long ".repeat(100)));
        assertThrows(InvalidRequestException.class, () -> MODEL.embed("é"));
    }
}
