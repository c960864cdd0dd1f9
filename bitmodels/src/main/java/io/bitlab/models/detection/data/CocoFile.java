package io.bitlab.models.detection.data;

import io.bitlab.models.internal.StrictJson;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * What a COCO file says, read as a stream: outlines, which are most of it, are skipped. Ids may be numbers or strings,
 * and the three lists may come in any order.
 */
final class CocoFile {

    private final Path file;
    private final List<Image> images = new ArrayList<>();
    private final List<Category> categories = new ArrayList<>();
    private final Map<String, List<Annotation>> annotations = new HashMap<>();
    /** One string for all annotations of a class, of which there may be millions. */
    private final Map<String, String> shared = new HashMap<>();

    /** An image; null for what is missing. */
    record Image(String id, String fileName, double width, double height) {
    }

    /** A class; null for what is missing. */
    record Category(String id, String name) {
    }

    /**
     * A box.
     *
     * @param index its place in the list
     * @param area NaN if it is missing
     * @param box x, y, width, height; null if there are not four
     */
    record Annotation(int index, String category, double[] box, double area, boolean crowd) {
    }

    private CocoFile(Path file) {
        this.file = file;
    }

    List<Image> images() {
        return images;
    }

    List<Category> categories() {
        return categories;
    }

    /** By the id of the image. */
    Map<String, List<Annotation>> annotations() {
        return annotations;
    }

    static CocoFile read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "there is no such file of annotations");
        }
        CocoFile coco = new CocoFile(file);
        try (InputStream in = Files.newInputStream(file);
                JsonParser parser = StrictJson.FACTORY.createParser(ObjectReadContext.empty(), in)) {
            coco.read(parser);
        } catch (JacksonException e) {
            throw new ModelFormatException(file.toString(), StrictJson.describe(e), e);
        }
        return coco;
    }

    private void read(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new ModelFormatException(file.toString(),
                    "expected an object with images, annotations and categories, as of COCO's instances");
        }
        List<String> missing = new ArrayList<>(List.of("images", "annotations", "categories"));
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (!missing.remove(name)) {
                parser.skipChildren();
                continue;
            }
            if (value != JsonToken.START_ARRAY) {
                throw new ModelFormatException(file.toString(), name + " is not a list");
            }
            int index = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() != JsonToken.START_OBJECT) {
                    throw new ModelFormatException(file.toString(), name + "[" + index + "] is not an object");
                }
                switch (name) {
                    case "images" -> image(parser);
                    case "categories" -> category(parser);
                    default -> annotation(parser, index);
                }
                index++;
            }
        }
        if (!missing.isEmpty()) {
            throw new ModelFormatException(file.toString(),
                    "there is no list of " + String.join(", no list of ", missing)
                            + "; expected a file of COCO's object instances");
        }
        String rest = StrictJson.textAfterEnd(parser).orElse(null);
        if (rest != null) {
            throw new ModelFormatException(file.toString(), rest);
        }
    }

    private void image(JsonParser parser) {
        String id = null;
        String fileName = null;
        double width = Double.NaN;
        double height = Double.NaN;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "id" -> id = text(parser);
                case "file_name" -> fileName = text(parser);
                case "width" -> width = number(parser);
                case "height" -> height = number(parser);
                default -> parser.skipChildren();
            }
        }
        images.add(new Image(id, fileName, width, height));
    }

    private void category(JsonParser parser) {
        String id = null;
        String className = null;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "id" -> id = text(parser);
                case "name" -> className = text(parser);
                default -> parser.skipChildren();
            }
        }
        categories.add(new Category(id, className));
    }

    private void annotation(JsonParser parser, int index) {
        String image = null;
        String category = null;
        double[] box = null;
        double area = Double.NaN;
        boolean crowd = false;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "image_id" -> image = text(parser);
                case "category_id" -> category = shared.computeIfAbsent(text(parser), id -> id);
                case "bbox" -> box = box(parser);
                case "area" -> area = number(parser);
                case "iscrowd" -> crowd = parser.currentToken() == JsonToken.VALUE_TRUE || number(parser) == 1;
                default -> parser.skipChildren();
            }
        }
        annotations.computeIfAbsent(image, _ -> new ArrayList<>(4))
                .add(new Annotation(index, category, box, area, crowd));
    }

    private static double[] box(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return null;
        }
        double[] numbers = new double[4];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            double number = number(parser);
            if (count < numbers.length) {
                numbers[count] = number;
            }
            count++;
        }
        return count == numbers.length && Arrays.stream(numbers).allMatch(Double::isFinite) ? numbers : null;
    }

    /** A string or number; null for anything else. */
    private static String text(JsonParser parser) {
        JsonToken token = parser.currentToken();
        parser.skipChildren();
        return token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NUMBER_INT ? parser.getString() : null;
    }

    /** A number, or NaN. */
    private static double number(JsonParser parser) {
        JsonToken token = parser.currentToken();
        parser.skipChildren();
        return token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT ? parser.getDoubleValue()
                : Double.NaN;
    }
}
