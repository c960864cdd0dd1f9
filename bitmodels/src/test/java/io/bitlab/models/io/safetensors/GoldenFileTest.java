package io.bitlab.models.io.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A file that PyTorch's tensors were written to; the expected values were read from it by Python. */
class GoldenFileTest {

    @Test
    void readsTensorsFromPyTorch() throws IOException, URISyntaxException {
        Path path = Path.of(
                GoldenFileTest.class.getResource("/golden/bitlinear.safetensors").toURI());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(Map.of("seed", "7", "torch", "1.13.0a0"), file.metadata());
            assertEquals(74, file.names().size());
            assertEquals("x", file.names().get(0));
            assertEquals("train.final5", file.names().get(73));

            float[] x = file.floats("x");
            assertArrayEquals(new int[] {5, 37}, file.info("x").shape());
            assertEquals(-0x1.a3e8acp+0f, x[0]);
            assertEquals(0x1.952056p-1f, x[1]);
            assertEquals(-0x1.5131a4p+2f, x[184]);

            byte[] trits = file.bytes("per_tensor.absmean.ternary");
            assertArrayEquals(new byte[] {1, -1, 0, 0, 1, -1, -1, 1, -1, 1}, Arrays.copyOf(trits, 10));
            int[] counts = new int[3];
            for (byte trit : trits) {
                counts[trit + 1]++;
            }
            assertArrayEquals(new int[] {280, 277, 294}, counts);

            // this float begins at byte 39,050 of the data: not aligned
            assertEquals(39_050, file.info("per_channel.int8.per_tensor.sx").begin());
            assertArrayEquals(new float[] {0x1.e8b552p-5f}, file.floats("per_channel.int8.per_tensor.sx"));

            long[] labels = file.longs("train.y");
            assertArrayEquals(new long[] {0, 3, 1, 2, 2, 2, 3, 3, 0, 3, 0, 2}, Arrays.copyOf(labels, 12));
            assertEquals(97, Arrays.stream(labels).sum());
            assertEquals(1_044_153_716L, file.crc32c("weight"));
        }
    }
}
