package io.bitlab.models.io.gguf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts GGUF files together byte by byte, right ones and wrong ones. */
final class GgufSamples {

    private GgufSamples() {}

    /** The header's beginning. */
    static GgufBytes start(long tensors, long entries) {
        return new GgufBytes().u32(0x46554747).u32(3).u64(tensors).u64(entries);
    }

    /** Adds a tensor info; dimensions fastest first, as files have them. */
    static GgufBytes info(GgufBytes header, String name, int type, long offset, long... dimensions) {
        header.string(name).u32(dimensions.length);
        for (long dimension : dimensions) {
            header.u64(dimension);
        }
        return header.u32(type).u64(offset);
    }

    /** A file with one tensor, {@code x}. */
    static Path file(Path folder, GgufType type, byte[] data, long... dimensions) throws IOException {
        return write(folder, info(start(1, 0), "x", type.id(), 0, dimensions).pad(32).append(data));
    }

    static Path write(Path folder, GgufBytes bytes) throws IOException {
        return Files.write(folder.resolve("sample.gguf"), bytes.toArray());
    }
}
