package io.bitlab.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.testing.EveryFile;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Java's file channels close themselves when their thread is interrupted; the library's files must not care. */
@Timeout(120)
class InterruptedFilesTest {

    @TempDir
    private Path folder;

    @AfterEach
    void clear() {
        assertFalse(Thread.interrupted(), "an interrupt that no test looked at");
    }

    private Path folder(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }

    @Test
    void everyFileIsWrittenAndReadInAnInterruptedThread() throws IOException {
        Path calm = folder("calm");
        Path interrupted = folder("interrupted");
        Map<String, String> expected = EveryFile.writeAndRead(calm);
        Thread.currentThread().interrupt();
        Map<String, String> read = EveryFile.writeAndRead(interrupted);
        assertTrue(Thread.interrupted(), "the interrupt is still there");
        assertEquals(expected, read);
        EveryFile.assertSameFiles(EveryFile.contents(calm), EveryFile.contents(interrupted));
    }

    @Test
    void anArchiveSurvivesReadingInAnInterruptedThread() throws IOException {
        Map<String, String> expected = EveryFile.writeAndRead(folder("calm"));
        try (FileSystem zip = FileSystems.newFileSystem(folder.resolve("archive.zip"), Map.of("create", "true"))) {
            EveryFile.writeAndRead(zip.getPath("/"));
        }
        try (FileSystem zip = FileSystems.newFileSystem(folder.resolve("archive.zip"), Map.of())) {
            Thread.currentThread().interrupt();
            assertEquals(expected, EveryFile.writeAndRead(zip.getPath("/")));
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void interruptsThatComeInTheMiddleChangeNothing() throws Exception {
        Map<String, String> expected = EveryFile.writeAndRead(folder("calm"));
        Path target = folder("interrupted");
        Thread worker = Thread.currentThread();
        Thread interrupter = Thread.ofPlatform().start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                worker.interrupt();
                LockSupport.parkNanos(20_000);
            }
        });
        try {
            assertEquals(expected, EveryFile.writeAndRead(target));
        } finally {
            interrupter.interrupt();
            while (interrupter.isAlive()) {
                Thread.interrupted();
                Thread.onSpinWait();
            }
            Thread.interrupted();
        }
        EveryFile.assertSameFiles(EveryFile.contents(folder("calm")), EveryFile.contents(target));
    }

    /** As documented, fit returns with the interrupt status set; saving is the obvious next line. */
    @Test
    void aTrainingThatWasInterruptedCanBeSaved() throws IOException {
        BitMlp model = BitMlpConfig.builder().inChannels(2).hiddenDim(8).outChannels(2).build().newModel();
        Dataset data = Dataset.of(new float[] {1, 0, 0, 1}, new int[] {0, 1});
        Trainer.builder(model, new AdamW(model.parameters(), 0.01f)).epochs(5).batchSize(2)
                .listener(new TrainingListener() {
                    @Override
                    public void onStep(int epoch, int step, double loss, double accuracy) {
                        Thread.currentThread().interrupt();
                    }
                }).build().fit(data, null);
        AutoBitModel.save(model, folder);
        BitModel loaded = AutoBitModel.load(folder);
        assertTrue(Thread.interrupted());
        model.eval();
        assertEquals(model.forward(data.batch(0, 1)).toString(), loaded.forward(data.batch(0, 1)).toString());
    }
}
