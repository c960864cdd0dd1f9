package io.bitlab.models.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageDataset;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.io.folder.NameMapping;
import io.bitlab.models.io.folder.StateFile;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.pretrained.ExportFormat;
import io.bitlab.models.pretrained.ExportOptions;
import io.bitlab.models.report.ModelReport;
import io.bitlab.models.tokenizer.BpeTokenizer;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Writes and reads every kind of file that the library has, for tests of where and in which thread that works. */
public final class EveryFile {

    private EveryFile() {
    }

    /**
     * Writes all files into a folder, and reads them.
     *
     * @return what was read, in words; with {@link #contents} everything that could differ
     */
    public static Map<String, String> writeAndRead(Path folder) throws IOException {
        Map<String, String> read = new TreeMap<>();
        for (Layer.Mode form : Layer.Mode.values()) {
            read.put("model " + form, model(folder.resolve("model-" + form), form));
        }
        for (ExportFormat format : ExportFormat.values()) {
            Path target = folder.resolve("export-" + format);
            for (Tokenizer tokenizer : List.of(new ByteTokenizer(), gpt2(folder))) {
                AutoBitModel.export(transformer(), tokenizer, target, format,
                        ExportOptions.defaults().withRounding(true).withName("model"));
                read.put(format + " " + tokenizer.getClass().getSimpleName(), transformer(target));
            }
        }
        read.put("state", state(folder.resolve("state.safetensors")));
        read.put("data", data(folder));
        read.put("images", images(folder.resolve("pictures").resolve("class")));
        Path report = folder.resolve("report.html");
        ModelReport.of(mlp(), Dataset.of(Tensor.randn(1, 6, 4).data(), new int[] {0, 1, 0, 1, 0, 1}), List.of())
                .writeHtml(report);
        Path text = folder.resolve("text.json");
        AtomicFile.replace(text, "{\"model_type\": \"gain\", \"features\": 3}");
        read.put("configuration", AutoBitModel.fromConfig(text).config().toString());
        return read;
    }

    private static BitMlp mlp() {
        return AutoBitModel.fromConfig(BitMlpConfig.builder().inChannels(4).hiddenDim(8).outChannels(2).build(), 3);
    }

    public static BitTransformer transformer() {
        BitTransformer model = AutoBitModel.fromConfig(
                BitTransformerConfig.builder(256, 256, 1, 2).intermediateSize(256).maxPositionEmbeddings(8).build(), 5);
        model.eval();
        return model;
    }

    private static String model(Path folder, Layer.Mode form) throws IOException {
        AutoBitModel.save(mlp(), folder, form);
        AutoBitModel.save(mlp(), folder, form); // over the first
        return Arrays.toString(AutoBitModel.load(folder).forward(Tensor.randn(2, 3, 4)).toArray());
    }

    private static String transformer(Path path) throws IOException {
        BitTransformer model = AutoBitModel.load(path, BitTransformer.class);
        float[] logits = model.forward(Tensor.of(new float[] {1, 2, 3}, 3)).toArray();
        return Tokenizers.ofModel(path).toMap() + " " + Arrays.hashCode(logits);
    }

    private static BpeTokenizer gpt2(Path folder) throws IOException {
        Path encoder = folder.resolve("encoder.json");
        Path merges = folder.resolve("vocab.bpe");
        AtomicFile.replace(encoder, "{\"a\": 0, \"b\": 1, \"ab\": 2}");
        AtomicFile.replace(merges, "#version: 0.2\na b\n");
        return BpeTokenizer.readGpt2(encoder, merges);
    }

    private static String state(Path file) throws IOException {
        Linear layer = new Linear(3, 2);
        StateFile.write(file, layer.stateDict());
        Linear other = new Linear(3, 2);
        other.loadStateDict(StateFile.read(file, NameMapping.NONE));
        assertArrayEquals(layer.namedParameters().get("weight").toArray(),
                other.namedParameters().get("weight").toArray());
        return other.stateDict().names() + Arrays.toString(other.namedParameters().get("weight").toArray());
    }

    private static String data(Path folder) throws IOException {
        Path images = folder.resolve("images");
        Path labels = folder.resolve("labels");
        AtomicFile.replace(images, out -> out.write(
                ByteBuffer.allocate(18).putInt(0x803).putInt(2).putInt(1).putInt(1).put(new byte[] {51, 102}).array()));
        AtomicFile.replace(labels,
                out -> out.write(ByteBuffer.allocate(10).putInt(0x801).putInt(2).put(new byte[] {0, 1}).array()));
        Dataset data = Dataset.readIdx(images, labels);
        return Arrays.toString(data.batch(0, 1).data()) + Arrays.toString(data.labels(0, 1));
    }

    private static String images(Path folder) throws IOException {
        Uninterrupted.call(() -> Files.createDirectories(folder));
        BitImage image = BitImage.of(2, 1, new byte[] {1, 2, 3, 4, 5, 6});
        for (String format : List.of("png", "jpg")) {
            image.write(folder.resolve("image." + format));
        }
        LabelledImages images = LabelledImages.readFolder(folder.getParent());
        return images + " " + images.checksum() + ImageDataset.builder(images, 2, 1).build().tensor(0, 1);
    }

    /** The bytes of all files, by their names in the folder. */
    public static Map<String, byte[]> contents(Path folder) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }

    public static void assertSameFiles(Map<String, byte[]> expected, Map<String, byte[]> found) {
        assertArrayEquals(expected.keySet().toArray(), found.keySet().toArray());
        expected.forEach((name, bytes) -> assertArrayEquals(bytes, found.get(name), name));
    }
}
