package io.bitlab.models.snippets;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.image.AffineMap;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Border;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImageAnimation;
import io.bitlab.models.image.ImageAugmentation;
import io.bitlab.models.image.ImageCanvas;
import io.bitlab.models.image.ImageDataset;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.image.ImageGrid;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.image.ImagePlanes;
import io.bitlab.models.image.ImageReadOptions;
import io.bitlab.models.image.ImageSize;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.image.Letterbox;
import io.bitlab.models.image.RandomMap;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Snippets of the Javadoc of {@code io.bitlab.models.image}. */
final class ImageSnippets {

    private ImageSnippets() {}

    static float[] image() throws IOException {
        // @start region="image"
        BitImage photo = BitImage.read(Path.of("photo.jpg")); // upright, whatever the camera was
        photo.resize(224, 224).write(Path.of("small.png"));
        float[] input = photo.resize(224, 224).toFloats(ImageNormalization.IMAGENET); // [3, 224, 224]
        // @end
        return input;
    }

    static double size(Path file) throws IOException {
        // @start region="size"
        ImageSize size = ImageSize.read(file, ImageReadOptions.defaults());
        double aspect = size.width() / (double) size.height();
        // @end
        return aspect;
    }

    static BitImage options(byte[] upload) throws IOException {
        // @start region="options"
        ImageReadOptions strict = ImageReadOptions.defaults().withMaxPixels(20_000_000).withBackground(0x000000);
        BitImage image = BitImage.read(upload, strict);
        // @end
        return image;
    }

    static BitImage normalization(float[] generated) {
        // @start region="normalization"
        BitImage image = BitImage.fromFloats(generated, 32, 32, ImageNormalization.SYMMETRIC); // -1 is black, 1 white
        float[] again = image.toFloats(ImageNormalization.SYMMETRIC);
        // @end
        return BitImage.fromFloats(again, 32, 32, ImageNormalization.SYMMETRIC);
    }

    static double box() {
        // @start region="box"
        Box truth = new Box(10, 20, 50, 60);
        Box found = Box.ofCentre(32, 40, 40, 40);
        double agreement = truth.iou(found); // 0.9
        // @end
        return agreement;
    }

    static double letterbox(BitImage photo) {
        // @start region="letterbox"
        Letterbox framed = photo.letterbox(640, 640, 0x727272);
        double x = framed.toSourceX(320); // the middle of the frame is the middle of the photograph
        // @end
        return x;
    }

    static LabelledImages.Split folder() throws IOException {
        // @start region="folder"
        LabelledImages animals = LabelledImages.readFolder(Path.of("animals")); // animals/cat/1.jpg, animals/dog/1.jpg
        LabelledImages.Split split = animals.split(0.2, 1);
        System.out.println(split.train().size() + " images of " + animals.classNames());
        // @end
        return split;
    }

    static Tensor dataset(LabelledImages animals) throws IOException {
        // @start region="dataset"
        ImageDataset data = ImageDataset.builder(animals, 64, 64)
                .fit(ImageFit.CROP).normalization(ImageNormalization.IMAGENET).build();
        Tensor batch = data.tensor(0, 1, 2); // [3, 3, 64, 64]
        int[] labels = data.labels(0, 1, 2);
        // @end
        System.out.println(labels.length);
        return batch;
    }

    static Box map(float[] batch, CounterRandom random) {
        // @start region="map"
        RandomMap change = RandomMap.flip().andThen(RandomMap.scale(0.8, 1.3));
        ImagePlanes image = new ImagePlanes(batch, 0, 3, 192, 256); // the first of the batch
        AffineMap map = change.draw(image.width(), image.height(), random);
        image.warp(map, Border.ZERO);
        Box box = map.box(new Box(10, 20, 50, 60)); // left, top, right, bottom
        // @end
        return box;
    }

    static float[] augmentation(ImageDataset data, int epoch, int... indices) {
        // @start region="augmentation"
        ImageAugmentation change = ImageAugmentation.light().andThen(ImageAugmentation.cutout(8, 0f));
        float[] batch = data.batch(indices);
        change.applyAll(batch, 3, 32, 32, 42, epoch, indices); // 42: the seed
        // @end
        return batch;
    }

    static void canvas(BitImage photo) throws IOException {
        // @start region="canvas"
        BitImage marked = new ImageCanvas(photo)
                .outline(40, 30, 120, 90, 2, 0xff0000)
                .text("cat 0.93", 40, 20, 1, 0xff0000)
                .toImage();
        // @end
        marked.write(Path.of("marked.png"));
    }

    static void grid(ImageDataset data) throws IOException {
        // @start region="grid"
        ImageGrid.of(List.of(data.image(0), data.image(1), data.image(2), data.image(3)), 2)
                .withScale(2)
                .withCaptions(List.of("cat", "dog", "cat", "bird"))
                .toImage().write(Path.of("samples.png"));
        // @end
    }

    static void animation(List<BitImage> steps) throws IOException {
        // @start region="animation"
        ImageAnimation.of(steps).withDelay(Duration.ofMillis(80)).write(Path.of("steps.gif"));
        // @end
    }
}
