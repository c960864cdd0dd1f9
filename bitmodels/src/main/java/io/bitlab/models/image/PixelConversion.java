package io.bitlab.models.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** Pixels from the JDK's images to ours, and from ours to floats. */
final class PixelConversion {

    private PixelConversion() {
    }

    /** Red, green and blue of each pixel. */
    static byte[] toRgb(BufferedImage image, int background) {
        int width = image.getWidth();
        byte[] rgb = new byte[3 * width * image.getHeight()];
        int[] argb = new int[width];
        int[] samples = new int[width * image.getRaster().getNumBands()];
        boolean plain = hasPlainSamples(image.getColorModel());
        for (int y = 0; y < image.getHeight(); y++) {
            if (plain) {
                readSamples(image, y, samples, argb);
            } else {
                image.getRGB(0, y, width, 1, argb, 0, width);
            }
            for (int x = 0; x < width; x++) {
                int at = 3 * (y * width + x);
                int alpha = argb[x] >>> 24;
                rgb[at] = over(background >> 16, argb[x] >> 16, alpha);
                rgb[at + 1] = over(background >> 8, argb[x] >> 8, alpha);
                rgb[at + 2] = over(background, argb[x], alpha);
            }
        }
        return rgb;
    }

    /**
     * Whether samples only have to be scaled to 8 bits. For grey images it is more than a short cut: the JDK takes grey
     * values for linear and would brighten them, though those of files are sRGB.
     */
    private static boolean hasPlainSamples(ColorModel model) {
        ColorSpace space = model.getColorSpace();
        int type = model.getTransferType();
        return !(model instanceof IndexColorModel) && !model.isAlphaPremultiplied()
                && (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT || type == DataBuffer.TYPE_INT)
                && (space.isCS_sRGB() || space.getType() == ColorSpace.TYPE_GRAY)
                && model.getComponentSize(0) <= 16;
    }

    private static void readSamples(BufferedImage image, int y, int[] samples, int[] argb) {
        ColorModel model = image.getColorModel();
        Raster raster = image.getRaster();
        int bands = raster.getNumBands();
        int green = bands >= 3 ? 1 : 0;
        int alpha = model.hasAlpha() ? bands - 1 : -1;
        raster.getPixels(0, y, argb.length, 1, samples);
        for (int x = 0; x < argb.length; x++) {
            int at = x * bands;
            argb[x] = (alpha < 0 ? 0xff : eightBits(samples[at + alpha], model.getComponentSize(alpha))) << 24
                    | eightBits(samples[at], model.getComponentSize(0)) << 16
                    | eightBits(samples[at + green], model.getComponentSize(green)) << 8
                    | eightBits(samples[at + 2 * green], model.getComponentSize(2 * green));
        }
    }

    private static int eightBits(int sample, int bits) {
        if (bits == 8) {
            return sample;
        }
        int most = (1 << bits) - 1;
        return (sample * 255 + most / 2) / most;
    }

    private static byte over(int background, int colour, int alpha) {
        return (byte) (((colour & 0xff) * alpha + (background & 0xff) * (255 - alpha) + 127) / 255);
    }

    /** Writes the planes of an image behind one another, from an index on. */
    static void toFloats(byte[] rgb, ImageNormalization normalization, float[] planes, int offset) {
        int pixels = rgb.length / 3;
        for (int channel = 0; channel < normalization.channels(); channel++) {
            float[] table = normalization.table(channel);
            int at = offset + channel * pixels;
            for (int i = 0; i < pixels; i++) {
                planes[at + i] = table[normalization.channels() == 1 ? luma(rgb, 3 * i) : rgb[3 * i + channel] & 0xff];
            }
        }
    }

    /** ITU-R BT.601. */
    private static int luma(byte[] rgb, int at) {
        return (299 * (rgb[at] & 0xff) + 587 * (rgb[at + 1] & 0xff) + 114 * (rgb[at + 2] & 0xff) + 500) / 1000;
    }
}
