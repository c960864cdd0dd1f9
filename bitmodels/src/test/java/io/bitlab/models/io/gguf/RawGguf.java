package io.bitlab.models.io.gguf;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;

/** Files with tensors of types that are only read: their bytes are given. */
public final class RawGguf {

    private RawGguf() {
    }

    /** The bytes of a tensor. */
    private record Raw(GgufType type, int[] shape, byte[] bytes) {
    }

    /** The shape of a tensor to add. */
    public record Added(GgufType type, int... shape) {
    }

    /**
     * Writes a file again, with random blocks in some tensors.
     *
     * @param file is replaced; its alignment must be 32
     * @param changes the types, and shapes for new tensors (else null keeps the shape)
     */
    public static void replace(Path file, Map<String, Added> changes, Random random) throws IOException {
        SequencedMap<String, Raw> tensors = new LinkedHashMap<>();
        GgufBytes header;
        try (GgufFile source = GgufFile.open(file)) {
            for (String name : source.names()) {
                GgufTensor info = source.info(name);
                tensors.put(name,
                        new Raw(info.type(), info.shape(), source.segment(name).toArray(ValueLayout.JAVA_BYTE)));
            }
            changes.forEach((name, added) -> {
                int[] shape = added.shape.length == 0 ? tensors.get(name).shape : added.shape;
                tensors.put(name, new Raw(added.type, shape, randomBlocks(added.type, product(shape), random)));
            });
            SequencedMap<String, byte[]> metadata = source.encodedMetadata();
            header = GgufSamples.start(tensors.size(), metadata.size());
            metadata.forEach((key, value) -> header.string(key).append(value));
        }
        long offset = 0;
        for (Map.Entry<String, Raw> tensor : tensors.entrySet()) {
            int[] shape = tensor.getValue().shape;
            long[] reversed = new long[shape.length];
            for (int i = 0; i < shape.length; i++) {
                reversed[i] = shape[shape.length - 1 - i];
            }
            GgufSamples.info(header, tensor.getKey(), tensor.getValue().type.id(), offset, reversed);
            offset = GgufHeader.align(offset + tensor.getValue().bytes.length, 32);
        }
        header.pad(32);
        tensors.values().forEach(raw -> header.append(raw.bytes).pad(32));
        Files.write(file, header.toArray());
    }

    private static int product(int[] shape) {
        int product = 1;
        for (int length : shape) {
            product *= length;
        }
        return product;
    }

    /** Any bytes but for the F16 numbers, which are finite. */
    static byte[] randomBlocks(GgufType type, int weights, Random random) {
        byte[] data = new byte[weights / type.blockSize() * type.blockBytes()];
        random.nextBytes(data);
        for (int block = 0; block < data.length; block += type.blockBytes()) {
            for (int half : halves(type)) {
                short bits = Float.floatToFloat16(random.nextFloat() - 0.5f);
                data[block + half] = (byte) bits;
                data[block + half + 1] = (byte) (bits >> 8);
            }
        }
        return data;
    }

    /** Where a block has F16 numbers: its scale, and its minimum if it has one. */
    static int[] halves(GgufType type) {
        return switch (type) {
            case Q4_0, Q5_0, Q8_0 -> new int[] {0};
            case Q4_1, Q5_1, Q4_K, Q5_K -> new int[] {0, 2};
            case Q2_K -> new int[] {80, 82};
            case Q3_K -> new int[] {108};
            case Q6_K -> new int[] {208};
            case TQ1_0 -> new int[] {52};
            case TQ2_0 -> new int[] {64};
            default -> throw new IllegalArgumentException(type.name());
        };
    }
}
