package io.bitlab.models.detection;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImageCanvas;
import java.util.List;
import java.util.Locale;

/** Draws boxes with readable labels, in a colour for each class that people with any colour vision can tell apart. */
final class DetectionDrawing {

    /** M. Okabe, K. Ito: Color Universal Design, 2008. */
    private static final int[] COLOURS = {0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7};

    private final ImageCanvas canvas;
    private final int imageWidth;
    private final int imageHeight;
    private final double scaleX;
    private final double scaleY;
    private final int thickness;
    private final int textScale;

    /** Starts with a picture; boxes are in pixels of a copy of that size. */
    DetectionDrawing(BitImage image, int width, int height) {
        canvas = new ImageCanvas(image);
        imageWidth = image.width();
        imageHeight = image.height();
        scaleX = image.width() / (double) width;
        scaleY = image.height() / (double) height;
        int shorter = Math.min(imageWidth, imageHeight);
        thickness = Math.max(1, Math.round(shorter / 240f));
        textScale = Math.max(1, Math.round(shorter / 400f));
    }

    /** The least sure first, so that the labels of the others cover theirs. */
    DetectionDrawing objects(List<DetectedObject> objects) {
        for (DetectedObject object : objects.reversed()) {
            String label = String.format(Locale.ROOT, "%s %.0f", caption(object), 100 * object.score());
            box(object.box(), label, colour(object.label()));
        }
        return this;
    }

    /** The name, or the number of the class where the letters of captions don't suffice. */
    private static String caption(DetectedObject object) {
        return ImageCanvas.hasLetters(object.name()) ? object.name() : "class " + object.label();
    }

    static int colour(int label) {
        return COLOURS[label % COLOURS.length];
    }

    /** Draws a box with its label above, or inside where there is no room above. */
    DetectionDrawing box(Box box, String label, int colour) {
        int left = (int) Math.round(box.left() * scaleX);
        int top = (int) Math.round(box.top() * scaleY);
        int right = (int) Math.round(box.right() * scaleX);
        int bottom = (int) Math.round(box.bottom() * scaleY);
        canvas.outline(left, top, Math.max(1, right - left), Math.max(1, bottom - top), thickness, colour);
        if (!label.isEmpty()) {
            int width = ImageCanvas.textWidth(label, textScale) + 2 * textScale;
            int height = ImageCanvas.textHeight(textScale) + 2 * textScale;
            int x = Math.clamp(left, 0, Math.max(0, imageWidth - width));
            int y = top >= height ? top - height : Math.clamp(top, 0, Math.max(0, imageHeight - height));
            canvas.fill(x, y, width, height, colour).text(label, x + textScale, y + textScale, textScale,
                    isBright(colour) ? 0 : 0xffffff);
        }
        return this;
    }

    private static boolean isBright(int colour) {
        return 299 * (colour >> 16 & 0xff) + 587 * (colour >> 8 & 0xff) + 114 * (colour & 0xff) > 128_000;
    }

    BitImage toImage() {
        return canvas.toImage();
    }
}
