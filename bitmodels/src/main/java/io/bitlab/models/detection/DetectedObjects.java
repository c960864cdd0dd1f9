package io.bitlab.models.detection;

import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.io.Json;
import io.bitlab.models.vision.ClassNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The objects that a detector found on a picture, those with the highest score first.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="objects"}
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param objects the objects; copied
 * @param width columns of the picture
 * @param height rows of the picture
 */
public record DetectedObjects(List<DetectedObject> objects, int width, int height) {

    /** Copies the list. */
    public DetectedObjects {
        objects = List.copyOf(objects);
    }

    static DetectedObjects of(List<ScoredBox> boxes, ClassNames names, BitImage image) {
        return new DetectedObjects(boxes.stream()
                .map(box -> new DetectedObject(names.name(box.label()), box.label(), box.score(), box.box())).toList(),
                image.width(), image.height());
    }

    /**
     * The objects of which the detector is rather sure.
     *
     * @param score the smallest score
     * @return those objects
     */
    public DetectedObjects above(float score) {
        return new DetectedObjects(objects.stream().filter(object -> object.score() >= score).toList(), width, height);
    }

    /**
     * The objects of a kind.
     *
     * @param name the name of the class
     * @return those objects
     */
    public DetectedObjects named(String name) {
        return new DetectedObjects(objects.stream().filter(object -> object.name().equals(name)).toList(), width,
                height);
    }

    /**
     * The box of an object as shares of the picture's size, which hold for any copy of it, however large.
     *
     * @param object one of these objects
     * @return edges from 0 to 1
     */
    public Box relative(DetectedObject object) {
        Box box = object.box();
        return new Box(box.left() / width, box.top() / height, box.right() / width, box.bottom() / height);
    }

    /**
     * Draws the boxes, with names and scores, on a picture. Captions need no installed fonts, and so have the letters
     * of ASCII only: accents are left out, and a name in other letters is replaced by its class number.
     *
     * @param image the picture, or a copy of another size; not modified
     * @return the picture with the boxes
     */
    public BitImage drawOn(BitImage image) {
        return new DetectionDrawing(image, width, height).objects(objects).toImage();
    }

    /**
     * The objects as JSON: {@code {"width": 640, "height": 480, "objects": [{"name": "cat", "label": 0, "score": 0.93,
     * "box": [left, top, right, bottom]}]}}, in pixels of the picture.
     *
     * @return JSON of one line
     */
    public String toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("width", width);
        json.put("height", height);
        json.put("objects", objects.stream().map(DetectedObjects::json).toList());
        return Json.compact(json);
    }

    private static Map<String, Object> json(DetectedObject object) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", object.name());
        json.put("label", object.label());
        json.put("score", object.score());
        Box box = object.box();
        json.put("box", List.of(box.left(), box.top(), box.right(), box.bottom()));
        return json;
    }
}
