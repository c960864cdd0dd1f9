package io.bitlab.cli.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.cli.CommandRun;
import io.bitlab.cli.evaluate.ConfusionMatrix;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageCanvas;
import io.bitlab.models.io.Json;
import io.bitlab.models.train.Dataset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** From a folder of drawn images to a picture's class. */
@ResourceLock(Resources.SYSTEM_OUT)
class TrainImagesTest {

    @TempDir
    Path folder;

    /** Dark and light pictures with a frame, of different sizes. */
    private void draw(int count) throws IOException {
        CounterRandom random = new CounterRandom(1, 1);
        for (int i = 0; i < count; i++) {
            Path file = folder.resolve("data").resolve(i % 2 == 0 ? "dark" : "light").resolve(i + ".png");
            Files.createDirectories(file.getParent());
            int grey = (i % 2 == 0 ? 0x10 : 0xc0) + random.nextInt(0x20);
            new ImageCanvas(10 + i % 3, 10, grey * 0x010101).outline(2, 2, 5, 5, 1, 0x808080).toImage().write(file);
        }
    }

    @Test
    void aFolderOfImagesBecomesAModelThatClassifies() throws IOException {
        draw(60);
        Path model = folder.resolve("model");
        String training = CommandRun.outputOf("train", "images", "--data", folder.resolve("data").toString(), "--out",
                model.toString(), "--model", "tiny", "--size", "8", "--epochs", "6", "--batch", "16", "--ema", "0.5",
                "--checkpoint", folder.resolve("checkpoint").toString(), "--threads", "1");
        Matcher accuracy = Pattern.compile("ternary validation accuracy: ([\\d.]+) %").matcher(training);
        assertTrue(accuracy.find(), training);
        assertTrue(Double.parseDouble(accuracy.group(1)) >= 90, training);
        assertTrue(training.contains("48 training images, 12 for validation, 2 classes"), training);
        assertTrue(BitImage.read(model.resolve("confusion.png")).width() > 2 * 36);
        String answer =
                CommandRun.outputOf("classify", model.toString(), folder.resolve("data/light/1.png").toString());
        assertTrue(answer.contains("1.png  light "), answer);
        String json = CommandRun.outputOf("classify", model.toString(), folder.resolve("data/light/1.png").toString(),
                "--json", "--top", "1");
        assertEquals(List.of("file", "classes"), List.copyOf(Json.parse(json, "").keySet()));
        Map<String, Object> scores = Json.parse(CommandRun.outputOf("evaluate", "images", model.toString(), "--data",
                folder.resolve("data").toString(), "--json"), "");
        assertTrue(((Number) scores.get("accuracy")).doubleValue() >= 0.9, scores.toString());
        Map<?, ?> dark = (Map<?, ?>) ((List<?>) scores.get("classes")).getFirst();
        assertEquals("dark", dark.get("class"));
        assertEquals(30, ((Number) dark.get("images")).intValue());
    }

    @Test
    void aTrainingThatDivergesSavesNothing() throws IOException {
        draw(20);
        Path model = folder.resolve("model");
        CommandRun run = CommandRun.of("train", "images", "--data", folder.resolve("data").toString(), "--out",
                model.toString(), "--model", "tiny", "--size", "8", "--epochs", "2", "--batch", "16", "--float",
                "--rate", "1e30", "--threads", "1");
        assertEquals(1, run.status(), run.output());
        assertTrue(run.errors().contains("finite") && !run.errors().contains("\tat "), run.errors());
        assertFalse(Files.exists(model.resolve("model.safetensors")));
    }

    /** 8 x 8 pixels, dark or light, as MNIST is published. */
    private void drawIdx(String part, int count) throws IOException {
        ByteBuffer images = ByteBuffer.allocate(16 + 64 * count).putInt(0x803).putInt(count).putInt(8).putInt(8);
        ByteBuffer labels = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
        CounterRandom random = new CounterRandom(2, 1);
        for (int i = 0; i < count; i++) {
            labels.put((byte) (i % 2));
            for (int pixel = 0; pixel < 64; pixel++) {
                images.put((byte) (i % 2 * 150 + random.nextInt(50)));
            }
        }
        Files.createDirectories(folder.resolve("idx"));
        Files.write(folder.resolve("idx").resolve(part + "-images-idx3-ubyte"), images.array());
        Files.write(folder.resolve("idx").resolve(part + "-labels-idx1-ubyte"), labels.array());
    }

    @Test
    void aVisionTransformerLearnsFromAResNet() throws IOException {
        drawIdx("train", 64);
        drawIdx("t10k", 16);
        String data = folder.resolve("idx").toString();
        String teacher = folder.resolve("teacher").toString();
        String training =
                CommandRun.outputOf("train", "images", "--data", data, "--out", teacher, "--model", "tiny", "--size",
                        "8", "--epochs", "4", "--batch", "16", "--threads", "1");
        assertTrue(training.contains("64 training images, 16 for validation, 10 classes"), training);
        String distilled = CommandRun.outputOf("train", "images", "--data", data, "--out",
                folder.resolve("vit").toString(),
                "--model", "vit_tiny", "--size", "8", "--epochs", "4", "--batch", "16", "--threads", "1", "--teacher",
                teacher);
        Matcher accuracy = Pattern.compile("ternary validation accuracy: ([\\d.]+) %").matcher(distilled);
        assertTrue(accuracy.find() && Double.parseDouble(accuracy.group(1)) >= 90, distilled);
    }

    @Test
    void aLimitOfTimeEndsTheTrainingProperly() throws IOException {
        draw(20);
        Path model = folder.resolve("model");
        String training = CommandRun.outputOf("train", "images", "--data", folder.resolve("data").toString(), "--out",
                model.toString(), "--model", "tiny", "--size", "8", "--epochs", "1000", "--minutes", "1e-6");
        assertTrue(training.contains("stopped before the end"), training);
        assertTrue(Files.exists(model.resolve("config.json")));
    }

    @Test
    void confusionsAreCounted() {
        Dataset data = Dataset.of(new float[5], new int[] {0, 0, 0, 1, 2});
        ConfusionMatrix matrix = ConfusionMatrix.of(List.of("ant", "bee", "wasp"), data, new int[] {0, 0, 1, 1, 1});
        assertArrayEquals(new int[][] {{2, 1, 0}, {0, 1, 0}, {0, 1, 0}}, matrix.counts());
        assertEquals(0.6, matrix.accuracy(), 1e-12);
        assertEquals(List.of("class  images   recall  precision", "ant         3   66.7 %    100.0 %",
                "bee         1  100.0 %     33.3 %", "wasp        1    0.0 %          -"),
                matrix.table().lines().toList());
        assertEquals("{\"accuracy\":0.6,\"classes\":["
                + "{\"class\":\"ant\",\"images\":3,\"recall\":0.6666666666666666,\"precision\":1.0},"
                + "{\"class\":\"bee\",\"images\":1,\"recall\":1.0,\"precision\":0.3333333333333333},"
                + "{\"class\":\"wasp\",\"images\":1,\"recall\":0.0,\"precision\":null}]}",
                Json.compact(matrix.toJson()));
        assertEquals(0x0000ff, matrix.toImage().rgb(matrix.toImage().width() - 8 - 2 * 36, 24 + 36));
    }
}
