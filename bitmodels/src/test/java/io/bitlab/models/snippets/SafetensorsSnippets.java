package io.bitlab.models.snippets;

import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.io.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;

/** Snippets of the Javadoc of {@code io.bitlab.models.io.safetensors}. */
final class SafetensorsSnippets {

    private SafetensorsSnippets() {}

    static void write(byte[] packed) throws IOException {
        // @start region="write"
        SafetensorsWriter writer = new SafetensorsWriter()
                .floats("fc.bias", new float[] {0.5f, -1f}, 2)
                .bytes("fc.weight", DType.U8, packed, 2, 52)
                .metadata("format", "example");
        writer.metadata("crc32c.fc.weight", Long.toString(writer.crc32c("fc.weight")));
        writer.write(Path.of("model.safetensors"));
        // @end
    }

    static float read() throws IOException {
        // @start region="read"
        try (SafetensorsFile file = SafetensorsFile.open(Path.of("model.safetensors"))) {
            System.out.println(file.info("fc.bias")); // 'fc.bias' F32 [2]
            float[] bias = file.floats("fc.bias");
            byte[] weight = file.bytes("fc.weight");
            return bias[1] * weight[0];
        }
        // @end
    }
}
