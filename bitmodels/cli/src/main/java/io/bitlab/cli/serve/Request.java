package io.bitlab.cli.serve;

import com.sun.net.httpserver.HttpExchange;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.io.ModelFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a client sent. */
final class Request {

    private static final int PIECE = 16 << 10;
    /** Of a map or a list in a list; others take less. */
    private static final int BYTES_OF_A_VALUE = 150;
    private static final Pattern MEMBER = Pattern.compile("([a-z_]+)([\\[.]\\S*)? (is|has) ");

    private final HttpExchange exchange;
    private final Deadlines deadlines;
    private final int maxBytes;
    private final BodyBudget budget;
    private long kept; // bytes of the budget

    /** The current thread may have a deadline for the arrival of the body, which ends with it. */
    Request(HttpExchange exchange, Deadlines deadlines, int maxBytes, BodyBudget budget) {
        this.exchange = exchange;
        this.deadlines = deadlines;
        this.maxBytes = maxBytes;
        this.budget = budget;
    }

    /** The path, decoded; empty if there is none. */
    String path() {
        String path = exchange.getRequestURI().getPath();
        return path == null ? "" : path;
    }

    /** The media type of the body, in lower case; empty if it has none. */
    String contentType() {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads the body, once. It counts until {@link #forget}.
     *
     * @throws ApiError if it is too long or compressed, or too much is kept already
     */
    byte[] body() throws IOException {
        String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw ApiError.refused(415, "unsupported_encoding",
                    "the body is compressed (Content-Encoding), expected it as it is");
        }
        String length = exchange.getRequestHeaders().getFirst("Content-Length"); // the JDK has checked the number
        if (length != null && Long.parseLong(length) > maxBytes) {
            throw tooLarge();
        }
        InputStream in = exchange.getRequestBody();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE];
        for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
            if (count > maxBytes - kept) {
                throw tooLarge();
            }
            keep(count);
            bytes.write(piece, 0, count);
        }
        deadlines.clear();
        return bytes.toByteArray();
    }

    private void keep(long bytes) {
        budget.take(bytes);
        kept += bytes;
    }

    /** Ends the request: what was read from it is no longer needed. */
    void forget() {
        budget.give(kept);
        kept = 0;
    }

    private ApiError tooLarge() {
        return ApiError.refused(413, "request_too_large",
                "the body is too large, expected at most " + maxBytes + " bytes");
    }

    /**
     * Reads the body as a JSON object and turns it into something.
     *
     * @param reader what an {@link IllegalArgumentException} of it says is the client's mistake
     * @throws ApiError if the body is not a JSON object, or the reader refuses it
     */
    <T> T json(Function<JsonObject, T> reader) throws IOException {
        byte[] body = body();
        keep((long) BYTES_OF_A_VALUE * values(body));
        Map<String, Object> members = object(body);
        try {
            return reader.apply(JsonObject.at("", members));
        } catch (IllegalArgumentException e) {
            throw ApiError.invalid(parameter(e.getMessage()), e.getMessage());
        }
    }

    /** At least as many values as the JSON has. */
    private static int values(byte[] body) {
        int values = 1;
        boolean inString = false;
        for (int i = 0; i < body.length; i++) {
            byte each = body[i];
            if (each == '"') {
                inString = !inString;
            } else if (inString) {
                i += each == '\\' ? 1 : 0;
            } else {
                values += each == ',' || each == '{' || each == '[' ? 1 : 0;
            }
        }
        return values;
    }

    private static Map<String, Object> object(byte[] body) {
        try {
            return Json.parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString(), "body");
        } catch (CharacterCodingException _) {
            throw ApiError.invalid(null, "invalid_json", "the body is not UTF-8");
        } catch (ModelFormatException e) {
            throw ApiError.invalid(null, "invalid_json", e.getMessage());
        }
    }

    /** The member that a message of {@link JsonObject} begins with, for instance "stop" of "stop[0] is ...". */
    private static String parameter(String message) {
        Matcher member = MEMBER.matcher(message);
        return member.lookingAt() ? member.group(1) : null;
    }
}
