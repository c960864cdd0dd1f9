package io.bitlab.models.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * At most 256 colours for the pixels of an image: all of them, or by median cut. A box that holds all colours is
 * halved, and so on: always the one with the longest side, across that side, so that both halves have about as many
 * pixels. Each box becomes the mean of its pixels.
 */
final class ColourPalette {

    private static final int MOST = 256;

    private ColourPalette() {
    }

    /** The image in indexed colours. */
    static BufferedImage indexed(BitImage image) {
        int pixels = image.width() * image.height();
        int[] colours = new int[pixels];
        for (int i = 0; i < pixels; i++) {
            colours[i] = image.rgb(i % image.width(), i / image.width());
        }
        Map<Integer, Integer> indexOf = new HashMap<>();
        int[] palette = palette(colours, indexOf);
        IndexColorModel model = new IndexColorModel(8, palette.length, channel(palette, 16), channel(palette, 8),
                channel(palette, 0));
        BufferedImage indexed =
                new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_BYTE_INDEXED, model);
        int[] indices = Arrays.stream(colours).map(indexOf::get).toArray();
        indexed.getRaster().setPixels(0, 0, image.width(), image.height(), indices);
        return indexed;
    }

    private static byte[] channel(int[] palette, int shift) {
        byte[] channel = new byte[palette.length];
        for (int i = 0; i < channel.length; i++) {
            channel[i] = (byte) (palette[i] >> shift);
        }
        return channel;
    }

    /** Returns the colours of the palette; says which of them stands for a colour of the image. */
    private static int[] palette(int[] colours, Map<Integer, Integer> indexOf) {
        int[] distinct = Arrays.stream(colours).sorted().distinct().toArray();
        if (distinct.length <= MOST) {
            for (int i = 0; i < distinct.length; i++) {
                indexOf.put(distinct[i], i);
            }
            return distinct;
        }
        List<ColourBox> boxes = cut(colours.clone());
        int[] palette = new int[boxes.size()];
        for (int b = 0; b < palette.length; b++) {
            palette[b] = boxes.get(b).mean();
            for (int colour : boxes.get(b).colours()) {
                indexOf.put(colour, b);
            }
        }
        return palette;
    }

    private static List<ColourBox> cut(int[] colours) {
        List<ColourBox> boxes = new ArrayList<>(List.of(new ColourBox(colours)));
        while (boxes.size() < MOST) {
            int widest = 0;
            for (int b = 1; b < boxes.size(); b++) {
                if (boxes.get(b).length() > boxes.get(widest).length()) {
                    widest = b;
                }
            }
            ColourBox[] halves = boxes.get(widest).halves(); // more than 256 colours: some box has two
            boxes.set(widest, halves[0]);
            boxes.add(halves[1]);
        }
        return boxes;
    }

    /** The colours of some pixels, of which each has a different one or shares it. */
    private static final class ColourBox {
        private final int[] colours;
        private final int shift;
        private final int length;

        ColourBox(int[] colours) {
            this.colours = colours;
            int longestShift = 0;
            int longest = -1;
            for (int s = 0; s <= 16; s += 8) {
                int least = 255;
                int most = 0;
                for (int colour : colours) {
                    least = Math.min(least, colour >> s & 0xff);
                    most = Math.max(most, colour >> s & 0xff);
                }
                if (most - least > longest) {
                    longest = most - least;
                    longestShift = s;
                }
            }
            this.shift = longestShift;
            this.length = longest;
        }

        int length() {
            return length;
        }

        int[] colours() {
            return colours;
        }

        /** Pixels with the same value of the channel stay together. */
        ColourBox[] halves() {
            int[] count = new int[256];
            for (int colour : colours) {
                count[colour >> shift & 0xff]++;
            }
            int limit = 0; // the first half has the values below
            int below = 0;
            while (below == 0 || 2 * below < colours.length && below + count[limit] < colours.length) {
                below += count[limit++];
            }
            int border = limit;
            return new ColourBox[] {
                new ColourBox(Arrays.stream(colours).filter(c -> (c >> shift & 0xff) < border).toArray()),
                new ColourBox(Arrays.stream(colours).filter(c -> (c >> shift & 0xff) >= border).toArray())};
        }

        int mean() {
            int mean = 0;
            for (int s = 0; s <= 16; s += 8) {
                long sum = 0;
                for (int colour : colours) {
                    sum += colour >> s & 0xff;
                }
                mean |= (int) ((sum + colours.length / 2) / colours.length) << s;
            }
            return mean;
        }
    }
}
