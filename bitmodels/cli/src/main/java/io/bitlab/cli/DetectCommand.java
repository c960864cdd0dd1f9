package io.bitlab.cli;

import io.bitlab.cli.data.ShippedModel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectedObject;
import io.bitlab.models.detection.DetectedObjects;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what is on pictures and where, with a model that {@code bitlab train detector} has saved, and draws it. */
@Command(name = "detect", mixinStandardHelpOptions = true,
        description = "Finds objects on pictures, and draws boxes around them.")
final class DetectCommand implements Callable<Integer> {

    /** The model that comes along, and its pictures. */
    private static final String SHIPPED = "blood-cells";
    private static final List<String> PICTURES = List.of("BloodImage_00007.jpg", "BloodImage_00015.jpg");

    @Spec
    private CommandSpec command;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "folder of the model;"
            + " 'blood-cells' is one that comes along, with pictures to try")
    private Path model;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "FILE", description = "the pictures")
    private List<Path> files = List.of();

    @Option(names = "--out", description = "folder for the pictures with boxes; ${DEFAULT-VALUE} unless given")
    private Path out = Path.of("objects");

    @Option(names = "--score", description = "smallest score, from 0 to below 1; that of the model unless given")
    private Float score;

    @Option(names = "--json", description = "print a line of JSON for each picture, instead of a table")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        boolean shipped = model == null || model.toString().equals(SHIPPED) && !Files.exists(model);
        if (!shipped && files.isEmpty()) {
            throw new CommandLine.ParameterException(command.commandLine(), "Name pictures: MODEL FILE...");
        }
        BitDetector detector = shipped
                ? ShippedModel.load(SHIPPED, BitDetector.class)
                : AutoBitModel.load(model, BitDetector.class);
        Files.createDirectories(out);
        if (!files.isEmpty()) {
            detect(detector, files, Path::toString);
            return 0;
        }
        return ShippedModel.read(SHIPPED, PICTURES, folder -> {
            detect(detector, PICTURES.stream().map(folder::resolve).toList(), DetectCommand::name);
            return 0;
        });
    }

    /**
     * Prints what is on pictures, and draws it.
     *
     * @param shown what to call a picture: those that come along lie in no folder that a user knows
     */
    private void detect(BitDetector detector, List<Path> pictures, Function<Path, String> shown) throws IOException {
        int nameWidth = pictures.stream().map(shown).mapToInt(String::length).max().orElse(0);
        int classWidth = detector.config().classNames().toList().stream().mapToInt(String::length).max().orElse(0);
        List<Path> targets = targets(pictures);
        for (int i = 0; i < pictures.size(); i++) {
            Path file = pictures.get(i);
            BitImage image = BitImage.read(file);
            DetectedObjects found = score == null ? detector.detect(image)
                    : detector.detect(image, detector.config().options().withScoreThreshold(score));
            found.drawOn(image).write(targets.get(i));
            if (json) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("file", shown.apply(file));
                line.putAll(Json.parse(found.toJson(), "DetectedObjects"));
                System.out.println(Json.compact(line));
                continue;
            }
            for (DetectedObject object : found.objects()) {
                Box box = object.box();
                System.out.printf(Locale.ROOT,
                        "%-" + nameWidth + "s  %-" + classWidth + "s  %.2f  (%.0f, %.0f) to (%.0f, %.0f)%n",
                        shown.apply(file),
                        object.name(), object.score(), box.left(), box.top(), box.right(), box.bottom());
            }
            if (found.objects().isEmpty()) {
                System.out.printf("%-" + nameWidth + "s  nothing%n", shown.apply(file));
            }
        }
        if (!json) {
            System.out.println("pictures with boxes are in " + out);
        }
    }

    /** Where the pictures with boxes go: they replace neither each other nor a picture that was given. */
    private List<Path> targets(List<Path> pictures) throws IOException {
        Set<String> given = new HashSet<>();
        for (Path picture : pictures) {
            if (Files.exists(picture)) {
                given.add(lowerCasePath(picture));
            }
        }
        List<Path> targets = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Path picture : pictures) {
            String name = baseName(name(picture));
            Path target = out.resolve(name + ".png");
            for (int number = 2; Files.exists(target) && given.contains(lowerCasePath(target))
                    || !taken.add(lowerCase(target)); number++) {
                target = out.resolve(name + "-" + number + ".png");
            }
            targets.add(target);
        }
        return targets;
    }

    /** Some file systems don't tell A from a. */
    private static String lowerCase(Path file) {
        return name(file).toLowerCase(Locale.ROOT);
    }

    private static String lowerCasePath(Path existing) throws IOException {
        return existing.toRealPath().toString().toLowerCase(Locale.ROOT);
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    private static String baseName(String name) {
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }
}
