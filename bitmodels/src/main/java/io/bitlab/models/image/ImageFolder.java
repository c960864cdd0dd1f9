package io.bitlab.models.image;

import io.bitlab.models.internal.ImageFileName;
import io.bitlab.models.internal.Uninterrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Lists a folder that holds a folder of images for each class. */
final class ImageFolder {

    private static final Set<String> OF_THE_SYSTEM = Set.of("thumbs.db", "desktop.ini", "__macosx");
    private static final int MOST_SHOWN = 5;

    /** Some systems store an accented letter as two characters, and the order should not depend on that. */
    private static final Comparator<Path> ORDER = Comparator.comparing(ImageFolder::name).thenComparing(Path::toString);

    private final List<String> others = new ArrayList<>();

    private ImageFolder() {
    }

    static LabelledImages read(Path folder, boolean skipOthers) throws IOException {
        return Uninterrupted.call(() -> new ImageFolder().list(folder, skipOthers));
    }

    private LabelledImages list(Path folder, boolean skipOthers) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder + " (expected a folder that holds a folder of images per class)");
        }
        List<String> classes = new ArrayList<>();
        List<LabelledImages.Sample> samples = new ArrayList<>();
        for (Path ofClass : entries(folder)) {
            String className = name(ofClass);
            if (!Files.isDirectory(ofClass)) {
                others.add(className);
                continue;
            }
            int before = samples.size();
            for (Path file : entries(ofClass)) {
                String sample = className + "/" + name(file);
                if (isImage(file)) {
                    samples.add(new LabelledImages.Sample(sample, file, null, classes.size()));
                } else {
                    others.add(sample);
                }
            }
            if (samples.size() == before) {
                throw new IOException(ofClass + ": no images for the class " + className
                        + "; add some, or remove the folder");
            }
            classes.add(className);
        }
        if (classes.isEmpty()) {
            throw new IOException(folder + ": no classes; expected a folder of images for each class, such as "
                    + folder.resolve("cat").resolve("1.jpg"));
        }
        if (!others.isEmpty() && !skipOthers) {
            throw new IOException(folder + ": " + others.size() + " entries are no images: "
                    + String.join(", ", others.subList(0, Math.min(MOST_SHOWN, others.size())))
                    + (others.size() > MOST_SHOWN ? ", ..." : "")
                    + "; remove them, or skip them with LabelledImages.readFolder(folder, true)");
        }
        return new LabelledImages(classes, samples, others);
    }

    /** In the same order on every machine, without what systems and editors leave behind. */
    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> !isHidden(name(entry))).sorted(ORDER).toList();
        }
    }

    private static boolean isHidden(String name) {
        return name.startsWith(".") || OF_THE_SYSTEM.contains(name.toLowerCase(Locale.ROOT));
    }

    private static boolean isImage(Path file) {
        return Files.isRegularFile(file) && ImageFileName.isImage(name(file));
    }

    /** The file's name; in a zip archive, folders end with a slash. */
    private static String name(Path file) {
        String name = Normalizer.normalize(file.getFileName().toString(), Normalizer.Form.NFC);
        return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    }
}
