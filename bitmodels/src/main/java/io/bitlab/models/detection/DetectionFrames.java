package io.bitlab.models.detection;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.image.Box;
import io.bitlab.models.internal.ClassIndices;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Annotated pictures as a detector sees them, with its numbers of the classes. They are decoded once and kept, with a
 * byte for each value, if they fit into a quarter of the heap; otherwise each time. Immutable.
 */
final class DetectionFrames {

    private final BoxedImages images;
    private final ImageInput input;
    private final int[] classOf; // the model's class for each class of the data
    private final FramedImage[] kept; // null if they don't fit

    DetectionFrames(BoxedImages images, BitDetectorConfig config) throws IOException {
        this.images = images;
        this.input = config.imageInput();
        this.classOf = ClassIndices.of("BitDetector", images.classNames(), config.classNames().toList());
        long bytes = 3L * input.height() * input.width() * images.size();
        this.kept = bytes <= Runtime.getRuntime().maxMemory() / 4 ? readAll() : null;
    }

    private FramedImage[] readAll() throws IOException {
        FramedImage[] all = new FramedImage[images.size()];
        try {
            Parallel.current().forRange(all.length, 1, Long.MAX_VALUE, (from, to) -> {
                for (int i = from; i < to; i++) {
                    all[i] = read(i);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return all;
    }

    private FramedImage read(int index) {
        try {
            return FramedImage.of(images.image(index), input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("BitDetector: " + images.name(index) + ": " + e.getMessage(), e);
        }
    }

    int size() {
        return images.size();
    }

    FramedImage image(int index) {
        return kept != null ? kept[index] : read(index);
    }

    /** The objects, in pixels of the original, with the model's classes. */
    List<LabelledBox> objects(int index) {
        return images.boxes(index).stream()
                .map(object -> new LabelledBox(object.box(), classOf[object.label()], object.kind(), object.area()))
                .toList();
    }

    /** The objects, in pixels of the frame. */
    List<LabelledBox> framedObjects(int index, FramedImage image) {
        return objects(index).stream().map(object -> {
            Box box = image.placed().toFrame(object.box());
            return new LabelledBox(box, object.label(), object.kind(), box.area());
        }).toList();
    }

    String checksum() throws IOException {
        return images.checksum() + " " + input.width() + "x" + input.height() + " " + input.fit();
    }
}
