package io.bitlab.models.io.folder;

import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.internal.LastResortLogger;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.StateDict;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.io.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;

/**
 * The library's own model folder, format version {@value #VERSION}.
 *
 * <p>{@code model.safetensors} is complete by itself. Its {@code __metadata__} carries
 * <ul>
 * <li>{@code format} = {@value #FORMAT} and {@code format_version} = {@value #VERSION};
 * <li>{@code config}: the configuration as a JSON object, with {@code model_type};
 * <li>{@code ternary}: a JSON object that gives, for each packed tensor, its exact sizes {@code [out, in]}, and the
 * columns of a scale block as a third number where scales belong to blocks;
 * <li>{@code tables}, if there are any: a JSON object that gives, for each embedding table, its format and
 * its sizes {@code [rows, columns]}, see {@link EmbeddingTensors};
 * <li>{@code crc32c}: a JSON object that gives the CRC-32C of each tensor's bytes.
 * </ul>
 * A float parameter is an F32 tensor. A ternary weight is a U8 tensor {@code [out, ceil(in / 5)]}, five trits a byte
 * (see {@link TernaryMatrix}), and an F32 tensor of the same name with {@value #SCALE_SUFFIX} behind it.
 * {@code config.json} is a copy of the configuration for people and tools; where the two differ, the metadata applies.
 */
public final class ModelFolder {

    /** The file that holds the model. */
    public static final String MODEL_FILE = "model.safetensors";
    /** The copy of the configuration. */
    public static final String CONFIG_FILE = "config.json";

    private static final Logger LOG = LastResortLogger.of(ModelFolder.class);
    private static final String FORMAT = "bitlab";
    private static final String VERSION = "1";
    static final String SCALE_SUFFIX = "_scale";

    private ModelFolder() {
    }

    /**
     * What a folder holds.
     *
     * @param config the model's configuration as JSON, with {@code model_type}
     * @param state its weights
     */
    public record Contents(Map<String, Object> config, StateDict state) {
    }

    /**
     * Writes a model. {@code model.safetensors} is replaced in one step; if anything fails before, the old file
     * stays.
     *
     * @param folder created if it doesn't exist
     * @param contents the model
     * @throws IOException if the folder can't be made or written
     */
    public static void write(Path folder, Contents contents) throws IOException {
        create(folder);
        SafetensorsWriter writer = new SafetensorsWriter();
        Map<String, Object> ternary = new LinkedHashMap<>();
        Map<String, Object> tables = new LinkedHashMap<>();
        for (String name : contents.state.names()) {
            if (contents.state.isTernary(name)) {
                TernaryMatrix matrix = contents.state.ternary(name);
                addTernary(writer, name, matrix);
                ternary.put(name, sizes(matrix));
            } else if (contents.state.isEmbeddingTable(name)) {
                EmbeddingTable table = contents.state.embeddingTable(name);
                EmbeddingTensors.add(writer, name, table);
                tables.put(name, EmbeddingTensors.describe(table));
            } else {
                Tensor tensor = contents.state.tensor(name);
                writer.floats(name, tensor.data(), tensor.shape());
            }
        }
        Map<String, Object> checksums = new LinkedHashMap<>();
        writer.names().forEach(name -> checksums.put(name, writer.crc32c(name)));
        writer.metadata("format", FORMAT);
        writer.metadata("format_version", VERSION);
        writer.metadata("config", Json.compact(contents.config));
        writer.metadata("ternary", Json.compact(ternary));
        if (!tables.isEmpty()) {
            writer.metadata("tables", Json.compact(tables));
        }
        writer.metadata("crc32c", Json.compact(checksums));
        writer.write(folder.resolve(MODEL_FILE));
        writeCopy(folder.resolve(CONFIG_FILE), contents.config);
    }

    /**
     * Creates a folder to save a model to, and its parents, unless they exist.
     *
     * @param folder the folder
     * @throws IOException if it can't be created; the message names it
     */
    public static void create(Path folder) throws IOException {
        try {
            Uninterrupted.call(() -> Files.createDirectories(folder));
        } catch (IOException | ReadOnlyFileSystemException e) {
            throw new IOException("cannot save to " + folder + ": the folder can't be made (" + e + ")", e);
        }
    }

    /** The model is already saved and complete without this copy, so failing to write it is only logged. */
    private static void writeCopy(Path copy, Map<String, Object> config) {
        try {
            AtomicFile.replace(copy, Json.pretty(config));
        } catch (IOException e) {
            LOG.warn("{} can't be written ({}); the model was saved without it", copy, e.getMessage());
        }
    }

    private static void addTernary(SafetensorsWriter writer, String name, TernaryMatrix matrix) {
        float[] scales = matrix.scales();
        writer.content(name, DType.U8, out -> out.write(matrix.packed()), matrix.outFeatures(),
                TernaryMatrix.packedRowBytes(matrix.inFeatures()));
        writer.floats(name + SCALE_SUFFIX, scales, scales.length);
    }

    private static List<Integer> sizes(TernaryMatrix matrix) {
        return matrix.blocks() == 1
                ? List.of(matrix.outFeatures(), matrix.inFeatures())
                : List.of(matrix.outFeatures(), matrix.inFeatures(), matrix.blockColumns());
    }

    /**
     * Whether a folder holds a model in this library's format.
     *
     * @param folder the folder
     * @return false also if the model file is missing or can't be read
     */
    public static boolean isHere(Path folder) {
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(MODEL_FILE))) {
            return FORMAT.equals(file.metadata().get("format"));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Uses the content of a folder.
     *
     * @param <T> the result
     */
    @FunctionalInterface
    public interface Use<T> {

        /**
         * Called once, while the file is open.
         *
         * @param contents the model, whose state is {@linkplain StateDict#putDeferred deferred}: each entry is read
         *     from the file on access, which throws an {@link UncheckedIOException} if the entry is damaged
         * @return anything that doesn't keep the contents
         * @throws IOException if the contents can't be used
         */
        T apply(Contents contents) throws IOException;
    }

    /**
     * Reads a model and checks all of it.
     *
     * @param folder a folder that {@link #write} wrote
     * @return the model
     * @throws ModelFormatException if a file is damaged
     * @throws IOException if the model file is missing or can't be read
     */
    public static Contents read(Path folder) throws IOException {
        return read(folder, contents -> new Contents(contents.config, contents.state.materialized()));
    }

    /**
     * Reads a model tensor by tensor, so that it need not be in memory twice. Checksums, types, shapes and ternary
     * weights are checked before; embedding tables with fewer bits when they are read.
     *
     * @param <T> the result
     * @param folder a folder that {@link #write} wrote
     * @param use takes the tensors; the file is closed when it returns
     * @return what {@code use} returned
     * @throws ModelFormatException if a file is damaged
     * @throws IOException if the model file is missing or can't be read
     */
    public static <T> T read(Path folder, Use<T> use) throws IOException {
        Path path = folder.resolve(MODEL_FILE);
        if (!Uninterrupted.call(() -> Files.isRegularFile(path))) {
            throw new NoSuchFileException(path.toString(), null,
                    "no model there; expected a folder that AutoBitModel.save "
                            + "wrote, with " + MODEL_FILE + " in it");
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            requireMetadata(file, "format", FORMAT);
            requireMetadata(file, "format_version", VERSION);
            Map<String, Object> config = parsedMetadata(file, "config");
            warnIfCopyDiffers(folder.resolve(CONFIG_FILE), config);
            verifyChecksums(file);
            return use.apply(new Contents(config, deferredState(file)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static StateDict deferredState(SafetensorsFile file) throws IOException {
        Map<String, int[]> ternary = ternarySizes(file);
        Map<String, EmbeddingTensors.Entry> tables =
                file.metadata().containsKey("tables")
                        ? EmbeddingTensors.entries(file, jsonMetadata(file, "tables"))
                        : Map.of();
        Set<String> scales = new HashSet<>();
        ternary.keySet().forEach(name -> scales.add(name + SCALE_SUFFIX));
        tables.forEach((name, table) -> {
            if (table.hasScales()) {
                scales.add(name + SCALE_SUFFIX);
            }
        });
        checkTernary(file, ternary);
        StateDict state = new StateDict();
        for (String name : file.names()) {
            if (ternary.containsKey(name)) {
                int[] sizes = ternary.get(name);
                defer(state, name, TernaryMatrix.class, Arrays.copyOf(sizes, 2), () -> readTernary(file, name, sizes));
            } else if (tables.containsKey(name)) {
                EmbeddingTensors.Entry table = tables.get(name);
                defer(state, name, EmbeddingTable.class, new int[] {table.rows(), table.columns()},
                        () -> EmbeddingTensors.read(file, name, table));
            } else if (!scales.contains(name)) {
                TensorChecks.requireType(file, name, DType.F32);
                defer(state, name, Tensor.class, file.info(name).shape(), () -> readFloats(file, name));
            }
        }
        return state;
    }

    /** For each packed tensor {@code [out, in]}, and the columns of a scale block if scales belong to blocks. */
    private static Map<String, int[]> ternarySizes(SafetensorsFile file) throws IOException {
        JsonObject ternary = jsonMetadata(file, "ternary");
        String expected = "[out, in] or [out, in, blockColumns]";
        Map<String, int[]> sizes = new LinkedHashMap<>();
        for (String name : ternary.members().keySet()) {
            file.info(name); // must exist
            file.info(name + SCALE_SUFFIX);
            try {
                int[] found = ternary.integers(name, expected);
                if (found.length != 2 && found.length != 3) {
                    throw ternary.wrong(name, expected);
                }
                sizes.put(name, found);
            } catch (IllegalArgumentException e) {
                throw new ModelFormatException(file.path().toString(), e.getMessage(), e);
            }
        }
        return sizes;
    }

    /** Reads all ternary matrices, which are small enough to be read twice, before the first is used. */
    private static void checkTernary(SafetensorsFile file, Map<String, int[]> ternary) {
        List<String> names = List.copyOf(ternary.keySet());
        Parallel.current().forRange(names.size(), 1, Long.MAX_VALUE, (from, to) -> {
            for (String name : names.subList(from, to)) {
                try {
                    readTernary(file, name, ternary.get(name));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
    }

    /** Reads a tensor. */
    @FunctionalInterface
    private interface Reader<T> {
        T read() throws IOException;
    }

    private static <T> void defer(StateDict state, String name, Class<T> kind, int[] shape, Reader<T> reader) {
        state.putDeferred(name, kind, shape, () -> {
            try {
                return reader.read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Tensor readFloats(SafetensorsFile file, String name) throws IOException {
        float[] values = TensorChecks.floats(file, name);
        try {
            return Tensor.of(values, file.info(name).shape());
        } catch (IllegalArgumentException e) { // the file format allows lengths of 0
            throw TensorChecks.damaged(file, name, e);
        }
    }

    private static TernaryMatrix readTernary(SafetensorsFile file, String name, int[] sizes) throws IOException {
        int out = sizes[0];
        int in = sizes[1];
        TensorChecks.requireType(file, name, DType.U8);
        byte[] packed = file.bytes(name);
        float[] scales = TensorChecks.floats(file, name + SCALE_SUFFIX);
        try {
            TernaryMatrix matrix = sizes.length == 2
                    ? TernaryMatrix.fromPacked(packed, out, in, scales)
                    : TernaryMatrix.fromPacked(packed, out, in, scales, sizes[2]);
            TensorChecks.requireShape(file, name, out, packed.length / out);
            TensorChecks.requireShape(file, name + SCALE_SUFFIX, scales.length);
            return matrix;
        } catch (IllegalArgumentException e) {
            throw TensorChecks.damaged(file, name, e);
        }
    }

    private static void verifyChecksums(SafetensorsFile file) throws IOException {
        JsonObject checksums = jsonMetadata(file, "crc32c");
        for (String name : file.names()) {
            long found = file.crc32c(name);
            if (!checksums.isLong(name, found)) {
                throw new ModelFormatException(file.path().toString(), "tensor " + Quote.value(name) + " has CRC-32C "
                        + found + ", the metadata says " + Quote.value(checksums.members().get(name))
                        + ": the file is damaged, get or save it again");
            }
        }
    }

    private static void requireMetadata(SafetensorsFile file, String key, String expected) throws ModelFormatException {
        String found = file.metadata().get(key);
        if (!expected.equals(found)) {
            throw new ModelFormatException(file.path().toString(), "metadata '" + key + "' is " + Quote.value(found)
                    + ", expected '" + expected + "': not a model folder of this version of BitLab"
                    + (key.equals("format") ? ", nor does " + CONFIG_FILE + " name a Hugging Face architecture"
                            : ""));
        }
    }

    private static JsonObject jsonMetadata(SafetensorsFile file, String key) throws ModelFormatException {
        return JsonObject.of("metadata '" + key + "'", parsedMetadata(file, key));
    }

    private static Map<String, Object> parsedMetadata(SafetensorsFile file, String key) throws ModelFormatException {
        String text = file.metadata().get(key);
        if (text == null) {
            throw new ModelFormatException(file.path().toString(), "metadata '" + key + "' is missing");
        }
        return Json.parse(text, file.path() + ", metadata '" + key + "'");
    }

    private static void warnIfCopyDiffers(Path copy, Map<String, Object> config) {
        try {
            if (!Json.read(copy).equals(config)) {
                LOG.warn("{} differs from the configuration inside {}, which applies", copy, MODEL_FILE);
            }
        } catch (IOException e) {
            LOG.warn("{} can't be read ({}); the configuration inside {} applies", copy, e.getMessage(), MODEL_FILE);
        }
    }
}
