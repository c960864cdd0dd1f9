package io.bitlab.models.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Finds the orientation that a camera noted in an image file: in JPEG the segment APP1, in PNG the chunk eXIf, in WebP
 * the chunk EXIF, in TIFF the file itself (JEITA CP-3451, <i>Exif</i>, 4.5 and 4.6). Every length and offset is checked
 * against the file; where anything is wrong, the image counts as upright, as in other programs.
 */
final class ExifReader {

    private static final int[] JPEG_EXIF = {'E', 'x', 'i', 'f', 0, 0};
    private static final int ORIENTATION = 0x0112;
    private static final int SHORT = 3;
    private static final int ENTRY = 12; // bytes

    private ExifReader() {
    }

    static ExifOrientation orientation(byte[] file) {
        if (startsWith(file, 0, 0xff, 0xd8)) {
            return jpeg(file);
        }
        if (startsWith(file, 0, 0x89, 'P', 'N', 'G')) {
            return chunk(file, 8, "eXIf", ByteOrder.BIG_ENDIAN);
        }
        if (startsWith(file, 0, 'R', 'I', 'F', 'F') && startsWith(file, 8, 'W', 'E', 'B', 'P')) {
            return chunk(file, 12, "EXIF", ByteOrder.LITTLE_ENDIAN);
        }
        return tiff(file, 0, file.length);
    }

    static boolean startsWith(byte[] bytes, int at, int... start) {
        if (at < 0 || start.length > bytes.length - at) {
            return false;
        }
        for (int i = 0; i < start.length; i++) {
            if ((bytes[at + i] & 0xff) != start[i]) {
                return false;
            }
        }
        return true;
    }

    /** Segments: 0xff, a marker, a length of two bytes that counts itself. */
    private static ExifOrientation jpeg(byte[] file) {
        int at = 2;
        while (at + 4 <= file.length && (file[at] & 0xff) == 0xff) {
            int marker = file[at + 1] & 0xff;
            if (marker == 0xff) { // padding
                at++;
                continue;
            }
            int length = (file[at + 2] & 0xff) << 8 | file[at + 3] & 0xff;
            if (marker == 0xda || marker == 0xd9 || length < 2 || length > file.length - at - 2) {
                break; // pixels begin, or the end, or damage
            }
            if (marker == 0xe1 && length >= 2 + JPEG_EXIF.length && startsWith(file, at + 4, JPEG_EXIF)) {
                return tiff(file, at + 4 + JPEG_EXIF.length, at + 2 + length);
            }
            at += 2 + length;
        }
        return ExifOrientation.UPRIGHT;
    }

    /** Chunks of PNG: length, name, content, checksum; of RIFF: name, length, content, padding to an even length. */
    private static ExifOrientation chunk(byte[] file, int begin, String wanted, ByteOrder order) {
        boolean png = order == ByteOrder.BIG_ENDIAN;
        ByteBuffer buffer = ByteBuffer.wrap(file).order(order);
        long at = begin;
        while (at + 8 <= file.length) {
            long length = Integer.toUnsignedLong(buffer.getInt((int) at + (png ? 0 : 4)));
            String name = new String(file, (int) at + (png ? 4 : 0), 4, StandardCharsets.ISO_8859_1);
            if (length > file.length - at - 8) {
                break;
            }
            if (name.equals(wanted)) {
                int content = (int) at + 8;
                boolean prefixed = length >= JPEG_EXIF.length && startsWith(file, content, JPEG_EXIF);
                return tiff(file, content + (prefixed ? JPEG_EXIF.length : 0), content + (int) length);
            }
            at += 8 + length + (png ? 4 : length & 1);
        }
        return ExifOrientation.UPRIGHT;
    }

    /** A TIFF header, which names the offset of its first directory, a list of entries of 12 bytes. */
    private static ExifOrientation tiff(byte[] file, int from, int to) {
        boolean little = startsWith(file, from, 'I', 'I', 42, 0);
        if (!little && !startsWith(file, from, 'M', 'M', 0, 42) || to - from < 8) {
            return ExifOrientation.UPRIGHT;
        }
        ByteBuffer tiff = ByteBuffer.wrap(file, from, to - from).slice()
                .order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long directory = Integer.toUnsignedLong(tiff.getInt(4));
        if (directory + 2 > tiff.limit()) {
            return ExifOrientation.UPRIGHT;
        }
        int entries = Short.toUnsignedInt(tiff.getShort((int) directory));
        for (int i = 0; i < entries; i++) {
            long entry = directory + 2 + (long) ENTRY * i;
            if (entry + ENTRY > tiff.limit()) {
                break;
            }
            int at = (int) entry;
            if (tiff.getShort(at) == ORIENTATION) {
                boolean valid = tiff.getShort(at + 2) == SHORT && tiff.getInt(at + 4) == 1;
                return ExifOrientation.of(valid ? Short.toUnsignedInt(tiff.getShort(at + 8)) : 1);
            }
        }
        return ExifOrientation.UPRIGHT;
    }
}
