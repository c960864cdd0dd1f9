package io.bitlab.models.detection.data;

import io.bitlab.models.internal.ImageFileName;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files of a folder and of the folders in it, by their paths. Paths have slashes on every system and composed
 * accents, since some systems store an accented letter as two characters.
 */
final class ImageFiles {

    private final Map<String, Path> images = new LinkedHashMap<>();
    private final Map<String, String> byStem = new LinkedHashMap<>();

    /** Finds the image files, in the order of their paths' characters. */
    ImageFiles(Path folder) throws IOException {
        files(folder).forEach((path, file) -> {
            if (ImageFileName.isImage(path)) {
                images.put(path, file);
                byStem.putIfAbsent(stem(path), path);
            }
        });
    }

    /** All files but hidden ones, in the order of their paths' characters. */
    static Map<String, Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder + " (expected a folder of annotated images)");
        }
        Map<String, Path> files = new TreeMap<>();
        Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        String path = composed(folder.relativize(file).toString());
                        if (!path.startsWith(".") && !path.contains("/.") && attributes.isRegularFile()) {
                            files.put(path, file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                        if (failure instanceof FileSystemLoopException) { // a link to what is read already
                            return FileVisitResult.CONTINUE;
                        }
                        throw failure;
                    }
                });
        return files;
    }

    static String composed(String path) {
        return Normalizer.normalize(path.replace('\\', '/'), Normalizer.Form.NFC);
    }

    /** A path without the extension. */
    static String stem(String path) {
        int dot = path.lastIndexOf('.');
        return dot > path.lastIndexOf('/') ? path.substring(0, dot) : path;
    }

    Map<String, Path> all() {
        return images;
    }

    /** The file with a path; null if there is none. */
    Path get(String path) {
        return images.get(path);
    }

    /** The path of an image that has this stem, whatever its extension; null if there is none. */
    String ofStem(String stem) {
        return byStem.get(stem);
    }
}
