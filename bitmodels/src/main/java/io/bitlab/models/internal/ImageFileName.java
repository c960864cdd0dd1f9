package io.bitlab.models.internal;

import java.util.Locale;
import java.util.Set;

/** Which files of a folder are images. */
public final class ImageFileName {

    private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "bmp", "gif", "tif", "tiff", "webp");

    private ImageFileName() {
    }

    /**
     * Whether a file is an image, by its extension.
     *
     * @param name a name, or a path
     * @return true for those that ImageIO reads, with its plug-ins
     */
    public static boolean isImage(String name) {
        return EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }
}
