package io.bitlab.models.io.folder;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;

/** What the tensors of a model folder must be like. */
final class TensorChecks {

    private TensorChecks() {
    }

    static ModelFormatException damaged(SafetensorsFile file, String name, Exception e) {
        return new ModelFormatException(file.path().toString(),
                "tensor " + Quote.value(name) + ": " + e.getMessage(), e);
    }

    static void requireShape(SafetensorsFile file, String name, int... expected) throws IOException {
        if (!Arrays.equals(file.info(name).shape(), expected)) {
            throw new ModelFormatException(file.path().toString(),
                    "tensor " + file.info(name) + ": expected shape " + Arrays.toString(expected));
        }
    }

    static float[] floats(SafetensorsFile file, String name) throws IOException {
        requireType(file, name, DType.F32);
        return file.floats(name);
    }

    /** Needed because the checksums cover a tensor's bytes but not its type. */
    static void requireType(SafetensorsFile file, String name, DType expected) throws IOException {
        if (file.info(name).dtype() != expected) {
            throw new ModelFormatException(file.path().toString(),
                    "tensor " + file.info(name) + ": expected " + expected);
        }
    }
}
