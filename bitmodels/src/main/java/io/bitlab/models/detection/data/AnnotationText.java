package io.bitlab.models.detection.data;

import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The text files of annotations: small, in UTF-8. */
final class AnnotationText {

    private AnnotationText() {
    }

    /** The lines of a file, without the mark that some editors begin UTF-8 with. */
    static List<String> lines(Path file) throws IOException {
        try {
            String text = Files.readString(file);
            return (text.startsWith("\ufeff") ? text.substring(1) : text).lines().toList();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(file.toString(), "the text is not UTF-8; save it in this encoding", e);
        }
    }
}
