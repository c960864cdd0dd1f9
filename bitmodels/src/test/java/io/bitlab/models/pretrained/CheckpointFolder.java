package io.bitlab.models.pretrained;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.io.safetensors.SafetensorsWriter;
import io.bitlab.models.io.safetensors.TensorInfo;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** A Hugging Face folder in memory, to be changed and written. */
final class CheckpointFolder {

    record Stored(DType dtype, byte[] bytes, int... shape) {
    }

    static final Path GOLDEN = Path.of("src/test/resources/golden");

    final Map<String, Object> config;
    final Map<String, Stored> tensors = new LinkedHashMap<>();

    private CheckpointFolder(Map<String, Object> config) {
        this.config = config;
    }

    static CheckpointFolder read(Path folder) throws IOException {
        CheckpointFolder read = new CheckpointFolder(new LinkedHashMap<>(Json.read(folder.resolve("config.json"))));
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            for (String name : file.names()) {
                TensorInfo info = file.info(name);
                read.tensors.put(name, new Stored(info.dtype(), file.segment(name).toArray(ValueLayout.JAVA_BYTE),
                        info.shape()));
            }
        }
        return read;
    }

    static Stored bfloat16(float[] values, int... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        }
        return new Stored(DType.BF16, bytes.array(), shape);
    }

    static Stored float32(float[] values, int... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new Stored(DType.F32, bytes.array(), shape);
    }

    /** The trits of a packed tensor, unpacked in another way than the reader does. */
    static byte[] trits(Stored packed) {
        int rows = packed.shape[0];
        int columns = packed.shape[1];
        byte[] trits = new byte[4 * rows * columns];
        for (int i = 0; i < trits.length; i++) {
            int row = i / columns;
            int code = packed.bytes[row % rows * columns + i % columns] >> 2 * (row / rows) & 3;
            trits[i] = (byte) (code - 1);
        }
        return trits;
    }

    /** Writes config.json and model.safetensors. */
    Path write(Path folder) throws IOException {
        writeConfig(folder);
        writeShard(folder.resolve("model.safetensors"), List.copyOf(tensors.keySet()));
        return folder;
    }

    void writeConfig(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), Json.pretty(config));
    }

    void writeShard(Path file, List<String> names) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : names) {
            Stored stored = tensors.get(name);
            writer.bytes(name, stored.dtype, stored.bytes, stored.shape);
        }
        writer.metadata("format", "pt").write(file);
    }

    /** Writes several files, each tensor and its scale in another one, and the index. */
    Map<String, Object> writeShards(Path folder, int count) throws IOException {
        writeConfig(folder);
        IntFunction<String> file = i -> "model-0000" + (i + 1) + "-of-0000" + count + ".safetensors";
        List<String> names = List.copyOf(tensors.keySet());
        Map<String, Object> weightMap = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            weightMap.put(names.get(i), file.apply(i % count));
        }
        for (int i = 0; i < count; i++) {
            String shard = file.apply(i);
            writeShard(folder.resolve(shard), names.stream().filter(n -> weightMap.get(n).equals(shard)).toList());
        }
        writeIndex(folder, weightMap);
        return weightMap;
    }

    static void writeIndex(Path folder, Map<String, Object> weightMap) throws IOException {
        Files.writeString(folder.resolve(SafetensorsShards.INDEX_FILE), Json.compact(Map.of("weight_map", weightMap)));
    }
}
