package io.bitlab.models.detection.data;

import io.bitlab.models.detection.data.AnnotationChecks.Declared;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * One annotation file of Pascal VOC.
 *
 * @param filename the image that it names; empty if it does not
 * @param size the size that it gives for the image
 */
record VocFile(String filename, Declared size, List<VocObject> objects) {

    private static final long MOST_BYTES = 16 << 20;
    private static final int MOST_LEVELS = 32;
    private static final String OBJECT = "/annotation/object";
    private static final List<String> CORNERS = List.of("xmin", "ymin", "xmax", "ymax");

    /**
     * An object; its parts are not read.
     *
     * @param corners xmin, ymin, xmax, ymax; NaN for what is missing or no number
     */
    record VocObject(String name, boolean difficult, double[] corners) {
    }

    /**
     * Reads a file. Never opens another: document types, which can name others and repeat texts without end, are
     * refused.
     */
    static VocFile read(Path file) throws IOException {
        long bytes = Files.size(file);
        if (bytes > MOST_BYTES) {
            throw new ModelFormatException(file.toString(), bytes + " bytes of XML, expected at most " + MOST_BYTES);
        }
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory(); // the JDK's, whatever is on the class path
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try (InputStream in = Files.newInputStream(file)) {
            XMLStreamReader reader = factory.createXMLStreamReader(in);
            try {
                return read(file, reader);
            } finally {
                reader.close();
            }
        } catch (XMLStreamException e) {
            int line = e.getLocation() == null ? -1 : e.getLocation().getLineNumber();
            throw new ModelFormatException(file.toString(), "not well-formed XML" + (line < 0 ? "" : ", line " + line),
                    e);
        }
    }

    private static VocFile read(Path file, XMLStreamReader reader) throws XMLStreamException, IOException {
        Map<String, String> ofImage = new HashMap<>();
        Map<String, String> ofObject = new HashMap<>();
        List<VocObject> objects = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        String path = "";
        int level = 0;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    path = path + "/" + reader.getLocalName();
                    level++;
                    text.setLength(0);
                    if (level > MOST_LEVELS || level == 1 && !path.equals("/annotation")) {
                        throw new ModelFormatException(file.toString(), level == 1
                                ? "the outermost element is " + Quote.value(path.substring(1)) + ", expected annotation"
                                : "elements nest deeper than " + MOST_LEVELS + " levels");
                    }
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
                        text.append(reader.getText());
                case XMLStreamConstants.END_ELEMENT -> {
                    if (path.equals(OBJECT)) {
                        objects.add(object(ofObject));
                        ofObject.clear();
                    } else {
                        boolean inObject = path.startsWith(OBJECT + "/");
                        (inObject ? ofObject : ofImage).put(path, text.toString().strip());
                    }
                    path = path.substring(0, path.lastIndexOf('/'));
                    level--;
                    text.setLength(0);
                }
                case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE -> throw new ModelFormatException(
                        file.toString(), "has a document type or entities, which are not accepted: they could load"
                                + " other files; remove the line that begins with <!DOCTYPE");
                default -> {
                } // comments, instructions
            }
        }
        return new VocFile(ofImage.getOrDefault("/annotation/filename", ""),
                new Declared((int) number(ofImage.get("/annotation/size/width")),
                        (int) number(ofImage.get("/annotation/size/height"))),
                List.copyOf(objects));
    }

    private static VocObject object(Map<String, String> texts) {
        double[] corners = CORNERS.stream().map(corner -> texts.get(OBJECT + "/bndbox/" + corner))
                .mapToDouble(VocFile::number).toArray();
        return new VocObject(texts.getOrDefault(OBJECT + "/name", ""),
                number(texts.get(OBJECT + "/difficult")) == 1, corners);
    }

    /** A number, or NaN. */
    private static double number(String text) {
        try {
            return text == null ? Double.NaN : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
