package io.bitlab.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.tokenizer.CharacterTokenizer;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.vision.BitResNetConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the JDK Flight Recorder sees, and JVMs that have none. */
class FlightRecorderTest {

    @TempDir
    Path folder;

    /** Trains, saves, loads and generates. */
    static void work(Path folder) throws IOException {
        BitMlp model = AutoBitModel.fromConfig(BitMlpConfig.builder().inChannels(4).outChannels(2).build(), 1);
        Trainer.builder(model, new AdamW(model.parameters(), 1e-3f)).epochs(2).build()
                .fit(Dataset.of(new float[32], new int[] {0, 1, 0, 1, 0, 1, 0, 1}), null);
        AutoBitModel.save(model, folder);
        AutoBitModel.load(folder);
        CharacterTokenizer letters = CharacterTokenizer.of("abcd");
        BitTransformer writer = AutoBitModel.fromConfig(BitTransformerConfig.builder(4, 32, 1, 2)
                .maxPositionEmbeddings(16).build(), 1);
        writer.eval();
        TextGenerator.builder(writer, letters).sampling(SamplingConfig.GREEDY).maxTokens(5).build().generate("ab");
    }

    @Test
    void eventsAreRecorded() throws IOException {
        Path file = folder.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            work(folder.resolve("model"));
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        List<RecordedEvent> epochs = named(events, "io.bitlab.Epoch");
        assertEquals(List.of(1, 2), epochs.stream().map(event -> event.getInt("epoch")).toList());
        RecordedEvent loaded = named(events, "io.bitlab.ModelLoaded").getFirst();
        assertEquals("bitmlp", loaded.getString("modelType"));
        assertTrue(loaded.getDuration("time").isPositive());
        RecordedEvent text = named(events, "io.bitlab.TextGenerated").getFirst();
        assertEquals(2, text.getInt("promptTokens"));
        assertEquals(5, text.getInt("tokens"));
        assertEquals("MAX_TOKENS", text.getString("finishReason"));
        assertFalse(named(events, "io.bitlab.KernelChosen").isEmpty());
        assertTrue(named(events, "io.bitlab.KernelChosen").stream().noneMatch(e -> e.getBoolean("convolution")));
    }

    @Test
    void kernelsOfConvolutionsAreRecorded() throws IOException {
        Path file = folder.resolve("convolution.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            AutoBitModel.fromConfig(BitResNetConfig.tiny(ImageInput.grey(8, 8), ClassNames.of("a", "b")), 1).eval()
                    .forward(Tensor.zeros(1, 1, 8, 8));
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> chosen = named(RecordingFile.readAllEvents(file), "io.bitlab.KernelChosen").stream()
                .filter(event -> event.getBoolean("convolution")).toList();
        assertFalse(chosen.isEmpty());
        BitQuantConfig config = BitQuantConfig.defaults();
        for (RecordedEvent event : chosen) {
            assertEquals(0, event.getInt("inFeatures") % 9, "channels times 3 x 3 taps");
            assertEquals(KernelRegistry.patchKernelFor(config, event.getInt("outFeatures"), event.getInt("inFeatures"))
                    .name(), event.getString("kernel"));
        }
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream().filter(event -> event.getEventType().getName().equals(name))
                .collect(Collectors.toList());
    }

    /** For the test below. */
    public static void main(String[] arguments) throws IOException {
        System.out.println("recorder: " + ModuleLayer.boot().findModule("jdk.jfr").isPresent());
        work(Path.of(arguments[0]));
    }

    @Test
    void withoutARecorderEverythingWorks() throws Exception {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "--limit-modules", "java.desktop,java.management,java.xml", "-cp",
                System.getProperty("java.class.path"), FlightRecorderTest.class.getName(),
                folder.resolve("model").toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains("recorder: false"), output);
    }
}
