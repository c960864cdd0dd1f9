package io.bitlab.cli.serve;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageReadOptions;
import io.bitlab.models.io.JsonObject;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A request about a picture: JSON with a file in Base64, with or without {@code data:image/png;base64,} before it, or
 * the bytes of the file alone, with a media type that begins with {@code image/}.
 *
 * @param <S> the settings of the request
 * @param file the bytes of the file
 * @param settings the settings
 */
record ImageRequest<S>(byte[] file, S settings) {

    private static final Pattern DATA_URL = Pattern.compile("^data:image/[a-z0-9.+-]{1,40};base64,");

    /**
     * Reads a request.
     *
     * @param settings reads the settings; from an empty object if there is only a file
     * @throws ApiError if it is malformed
     */
    static <S> ImageRequest<S> read(Request request, Function<JsonObject, S> settings) throws IOException {
        if (request.contentType().startsWith("image/")) {
            S defaults = settings.apply(JsonObject.at("", Map.of()));
            return new ImageRequest<>(request.body(), defaults);
        }
        return request.json(json -> {
            S read = settings.apply(json);
            return new ImageRequest<>(bytes(json.string("image")), read);
        });
    }

    private static byte[] bytes(String image) {
        try {
            return Base64.getDecoder().decode(DATA_URL.matcher(image).replaceFirst(""));
        } catch (IllegalArgumentException e) {
            throw ApiError.invalid("image", "invalid_image", "image is not in Base64: " + e.getMessage());
        }
    }

    /**
     * Decodes the picture.
     *
     * @throws ApiError if it is none, or too large
     */
    BitImage decode(ServerLimits limits) {
        try {
            return BitImage.read(file, ImageReadOptions.defaults().withMaxPixels(limits.imagePixels()));
        } catch (IOException | IllegalArgumentException e) {
            throw ApiError.invalid("image", "invalid_image", e.getMessage());
        }
    }
}
