package io.bitlab.cli.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.cli.CommandRun;
import io.bitlab.cli.data.ColourStatistics;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.SyntheticScenes;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImageCanvas;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** From annotated photographs to pictures with boxes. */
@ResourceLock(Resources.SYSTEM_OUT)
class TrainDetectorTest {

    @TempDir
    Path folder;

    @Test
    void scenesBecomeADetectorThatFindsTheirShapes() throws IOException {
        Path model = folder.resolve("model");
        String training =
                CommandRun.outputOf("train", "detector", "--format", "scenes", "--scenes", "60", "--width", "64",
                        "--height", "64", "--epochs", "12", "--rate", "5e-3", "--ema", "0.9", "--threads", "1",
                        "--flip-vertically", "--mosaic", "0.2", "--sizes", "1,1.5", "--keep-best", "--out",
                        model.toString());
        assertTrue(training.contains("48 training pictures, 12 for validation, 4 classes"), training);
        assertTrue(training.contains("60 images, 0 of them without boxes"), training);
        Matcher precision = Pattern.compile("ternary validation AP50: ([\\d.]+)").matcher(training);
        assertTrue(precision.find(), training);
        assertTrue(Double.parseDouble(precision.group(1)) > 0.05, training);
        assertTrue(Files.readString(model.resolve("report.html")).contains("data:image/jpeg;base64,"));

        BitImage scene = SyntheticScenes.draw(1, 100, 80, 5).image(0);
        Path picture = folder.resolve("scene.png");
        scene.write(picture);
        Path objects = folder.resolve("objects");
        String found = CommandRun.outputOf("detect", model.toString(), picture.toString(), "--score", "0.05", "--out",
                objects.toString());
        assertTrue(Pattern.compile("scene\\.png  (circle|square|triangle|cross) +0\\.\\d\\d  \\(\\d+, \\d+\\) to ")
                .matcher(found).find(), found);
        BitImage drawn = BitImage.read(objects.resolve("scene.png"));
        assertEquals(scene.width(), drawn.width());
        assertTrue(!drawn.equals(scene), "no box was drawn");
        String json = CommandRun.outputOf("detect", model.toString(), picture.toString(), picture.toString(), "--json",
                "--score", "0.99", "--out", objects.toString());
        String line = Json.compact(Map.of("file", picture.toString())).replace("}", "")
                + ",\"width\":100,\"height\":80,\"objects\":[]}";
        assertEquals(2, json.lines().filter(line::equals).count(), json);
        assertTrue(Files.exists(objects.resolve("scene-2.png")));

        byte[] before = Files.readAllBytes(picture);
        Path other = Files.createDirectory(folder.resolve("other")).resolve("scene-2.png");
        Files.copy(picture, other);
        CommandRun.outputOf("detect", model.toString(), picture.toString(), picture.toString(), other.toString(),
                "--out", folder.toString());
        assertArrayEquals(before, Files.readAllBytes(picture), "the picture was replaced by the drawn one");
        assertEquals(List.of("scene-2-2.png", "scene-2.png", "scene-3.png", "scene.png"), namesIn(folder, ".png"));

        Map<String, Object> scores = Json.parse(CommandRun.outputOf("evaluate", "detector", model.toString(),
                "--format", "scenes", "--scenes", "10", "--report", folder.resolve("r.html").toString(), "--beside",
                model.toString(), "--json"), "");
        String page = Files.readString(folder.resolve("r.html"));
        assertTrue(page.contains(" ms a picture") && page.contains(model.toString()), page);
        assertTrue(((Number) scores.get("seconds_a_picture")).doubleValue() > 0, scores.toString());
        assertEquals(10, ((Number) scores.get("images")).intValue());
        assertEquals(4, ((List<?>) scores.get("classes")).size());
        assertTrue(((Number) scores.get("ap50")).doubleValue() > 0, scores.toString());
    }

    /** Their annotations have 17 and 14 red cells, and a white one each. */
    @Test
    void theModelThatComesAlongFindsCells() throws IOException {
        String found = CommandRun.outputOf("detect", "--out", folder.toString());
        for (String picture : List.of("BloodImage_00007", "BloodImage_00015")) {
            List<String> lines = found.lines().filter(line -> line.contains(picture)).toList();
            assertEquals(1, lines.stream().filter(line -> line.contains("  WBC ")).count(), found);
            long red = lines.stream().filter(line -> line.contains("  RBC ")).count();
            assertTrue(red >= 12 && red <= 20, found);
            assertTrue(BitImage.read(folder.resolve(picture + ".png")).width() == 640, picture);
        }
    }

    /** Two classes in YOLO's format, in two parts. */
    private void writeYolo() throws IOException {
        for (String part : List.of("train", "val")) {
            Path images = Files.createDirectories(folder.resolve("images").resolve(part));
            Path labels = Files.createDirectories(folder.resolve("labels").resolve(part));
            BoxedImages scenes = SyntheticScenes.draw(8, 40, 32, part.length());
            for (int i = 0; i < scenes.size(); i++) {
                scenes.image(i).write(images.resolve(i + ".png"));
                StringBuilder lines = new StringBuilder();
                for (LabelledBox object : scenes.boxes(i)) {
                    Box box = object.box();
                    lines.append(String.format(Locale.ROOT, "%d %f %f %f %f%n", object.label() % 2,
                            (box.left() + box.right()) / 80, (box.top() + box.bottom()) / 64, box.width() / 40,
                            box.height() / 32));
                }
                Files.writeString(labels.resolve(i + ".txt"), lines);
            }
        }
        Files.writeString(folder.resolve("classes.txt"), "round\nangular\n");
    }

    @Test
    void aLimitOfTimeEndsTheTrainingProperly() throws IOException {
        writeYolo();
        Path model = folder.resolve("model");
        String training = CommandRun.outputOf("train", "detector", "--format", "yolo", "--data", folder.toString(),
                "--split",
                "train", "--validation-split", "val", "--width", "64", "--height", "64", "--float", "--minutes", "1e-6",
                "--threads", "1", "--out", model.toString());
        assertTrue(training.contains("stopped before the end"), training);
        assertTrue(training.contains("8 training pictures, 8 for validation, 2 classes"), training);
        assertTrue(training.contains("validation data: 8 images"), training);
        assertTrue(training.contains("float validation AP50"), training);
        assertTrue(Files.exists(model.resolve("config.json")));
    }

    @Test
    void coloursAreMeasured() throws IOException {
        List<BitImage> images = List.of(new ImageCanvas(200, 70, 0xff0033).toImage(),
                new ImageCanvas(70, 200, 0x000033).toImage());
        ImageNormalization measured = ColourStatistics
                .normalization(BoxedImages.of(images, List.of(List.of(), List.of()), List.of("none")));
        assertEquals(0.5, measured.mean().get(0), 1e-6);
        assertEquals(0.5, measured.deviation().get(0), 1e-6);
        assertEquals(0.2, measured.mean().get(2), 1e-6);
        assertEquals(0.01, measured.deviation().get(2), 1e-6);
    }

    private static List<String> namesIn(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(ending)).sorted()
                    .toList();
        }
    }

    /** The remedy is an option of the command, not a method. */
    @Test
    void aBoxWithoutAreaIsRefusedUntilTheUserAllowsToLeaveItOut() throws IOException {
        writeYolo();
        Files.writeString(folder.resolve("labels/train/0.txt"), "0 0.5 0.5 0 0.1\n", StandardOpenOption.APPEND);
        String[] arguments = {"train", "detector", "--format", "yolo", "--data", folder.toString(), "--split", "train",
            "--width", "64", "--height", "64", "--minutes", "1e-6", "--threads", "1", "--out",
            folder.resolve("model").toString()};
        CommandRun run = CommandRun.of(arguments);
        assertEquals(1, run.status());
        assertTrue(run.errors().contains("1 boxes without area (0.png: line "), run.errors());
        assertTrue(run.errors().contains("Correct them, or leave them out with --drop-problems\n"), run.errors());
        assertFalse(run.errors().contains("OnProblem"), run.errors());
        String[] allowed = Arrays.copyOf(arguments, arguments.length + 1);
        allowed[arguments.length] = "--drop-problems";
        String training = CommandRun.outputOf(allowed);
        assertTrue(training.contains("left out: 1 boxes without area"), training);
    }

    /** Files as of the first Pascal VOC: a box from 1 to 40 is as wide as the picture. */
    @Test
    void cornersMayBeInclusive() throws IOException {
        writeVoc();
        CommandRun plain = CommandRun.of("train", "detector", "--format", "voc", "--data", folder.toString(), "--width",
                "64", "--height", "64", "--minutes", "1e-6", "--threads", "1", "--out",
                folder.resolve("model").toString());
        assertTrue(plain.errors().contains("5 boxes without area"), plain.errors());
        String training = CommandRun.outputOf("train", "detector", "--format", "voc", "--data", folder.toString(),
                "--inclusive-corners", "--width", "64", "--height", "64", "--minutes", "1e-6", "--threads", "1",
                "--out", folder.resolve("model").toString());
        assertTrue(training.contains("5 images, 0 of them without boxes; 10 boxes"), training);
        CommandRun yolo = CommandRun.of("train", "detector", "--format", "yolo", "--data", folder.toString(),
                "--inclusive-corners", "--out", folder.resolve("model").toString());
        assertTrue(yolo.errors().startsWith("--inclusive-corners: boxes of YOLO have no corners"), yolo.errors());
    }

    /** Five pictures with a box each of the whole picture and of one pixel. */
    private void writeVoc() throws IOException {
        BoxedImages scenes = SyntheticScenes.draw(5, 40, 32, 1);
        for (int i = 0; i < scenes.size(); i++) {
            scenes.image(i).write(folder.resolve(i + ".png"));
            Files.writeString(folder.resolve(i + ".xml"), """
                    <annotation><size><width>40</width><height>32</height></size>
                    <object><name>a</name>
                    <bndbox><xmin>1</xmin><ymin>1</ymin><xmax>40</xmax><ymax>32</ymax></bndbox></object>
                    <object><name>a</name>
                    <bndbox><xmin>9</xmin><ymin>9</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>
                    </annotation>
                    """);
        }
    }

    @Test
    void optionsThatScenesDontNeedAreRefused() {
        CommandRun run = CommandRun.of("train", "detector", "--format", "scenes", "--data", "nowhere", "--out",
                folder.resolve("model").toString());
        assertEquals(1, run.status());
        assertTrue(run.errors().startsWith("--format scenes draws its own pictures; leave out --data"), run.errors());
    }
}
