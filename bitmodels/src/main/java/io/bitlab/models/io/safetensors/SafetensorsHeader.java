package io.bitlab.models.io.safetensors;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.internal.StrictJson;
import io.bitlab.models.io.FileOutline;
import io.bitlab.models.io.ModelFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.LongStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The JSON header of a safetensors file, read as a stream of tokens: what a hostile header can make it allocate stays
 * within a small multiple of the text.
 *
 * @param metadata the {@code __metadata__} strings, in file order
 * @param tensors the tensors by name, in file order; their ranges tile the data
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, TensorInfo> tensors) {

    /** The one member of a header that is not a tensor. */
    static final String METADATA = "__metadata__";

    /** The format's limit, in bytes. */
    static final int MAX_BYTES = 100_000_000;

    /** The most dimensions that PyTorch gives a tensor; keeps a hostile shape short. */
    static final int MAX_RANK = 64;

    /**
     * Parses a header and checks all of it.
     *
     * @param text the header
     * @param dataBytes how many bytes follow it in the file
     * @param file the file's name, for messages
     */
    static SafetensorsHeader parse(String text, long dataBytes, String file) throws ModelFormatException {
        Map<String, String> metadata = new LinkedHashMap<>();
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        parse(text, dataBytes, file, metadata, tensors);
        return new SafetensorsHeader(Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(tensors));
    }

    /** Parses a header until something is wrong, as {@link #parse(String, long, String)}. */
    static FileOutline<TensorInfo> outline(String text, long dataBytes, String file) {
        return FileOutline.of((SequencedMap<String, String> metadata,
                SequencedMap<String, TensorInfo> tensors) -> parse(text, dataBytes, file, metadata, tensors));
    }

    /** Fills these maps until something is wrong. */
    private static void parse(String text, long dataBytes, String file, Map<String, String> metadata,
            Map<String, TensorInfo> tensors) throws ModelFormatException {
        try (JsonParser parser = StrictJson.parser(text)) {
            new Reader(parser, file).read(metadata, tensors);
            requireTiling(tensors, dataBytes, file);
        } catch (JacksonException e) {
            throw new ModelFormatException(file, "header is " + StrictJson.describe(e), e);
        }
    }

    private static void requireTiling(Map<String, TensorInfo> tensors, long dataBytes, String file)
            throws ModelFormatException {
        List<TensorInfo> ranges = new ArrayList<>(tensors.values());
        ranges.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        long at = 0;
        for (TensorInfo range : ranges) {
            if (range.begin() != at) {
                throw new ModelFormatException(file, "tensor " + range + ": data_offsets [" + range.begin() + ", "
                        + range.end() + "] " + (range.begin() < at ? "overlap the tensor before" : "leave a hole")
                        + ", expected a begin of " + at);
            }
            at = range.end();
        }
        if (at != dataBytes) {
            throw new ModelFormatException(file, "the tensors take " + at + " bytes of data, but " + dataBytes
                    + " follow the header" + (at > dataBytes ? "; the file has been cut off" : ""));
        }
    }

    /** One pass over the tokens. Messages are put together on failure only: a header can have a million members. */
    private static final class Reader {

        private final JsonParser parser;
        private final String file;

        /** The member of the header that is being read, for messages. */
        private String member;

        Reader(JsonParser parser, String file) {
            this.parser = parser;
            this.file = file;
        }

        void read(Map<String, String> metadata, Map<String, TensorInfo> tensors) throws ModelFormatException {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new ModelFormatException(file, "the header is not a JSON object, which begins with '{'");
            }
            // the parser refuses duplicate keys, so neither put nor assignment loses anything
            for (member = parser.nextName(); member != null; member = parser.nextName()) {
                requireToken(parser.nextToken(), JsonToken.START_OBJECT, "the entry", "an object");
                if (member.equals(METADATA)) {
                    readMetadata(metadata);
                } else {
                    tensors.put(member, tensor());
                }
            }
            String rest = StrictJson.textAfterEnd(parser).orElse(null);
            if (rest != null) {
                throw new ModelFormatException(file, rest);
            }
        }

        private void readMetadata(Map<String, String> metadata) throws ModelFormatException {
            for (String key = parser.nextName(); key != null; key = parser.nextName()) {
                JsonToken token = parser.nextToken();
                if (token != JsonToken.VALUE_STRING) {
                    throw wrong(Quote.value(key), "is " + found(token) + ", expected a string");
                }
                metadata.put(key, parser.getString());
            }
        }

        private TensorInfo tensor() throws ModelFormatException {
            DType dtype = null;
            int[] shape = null;
            long[] offsets = null;
            for (String field = parser.nextName(); field != null; field = parser.nextName()) {
                JsonToken token = parser.nextToken();
                switch (field) {
                    case "dtype" -> {
                        requireToken(token, JsonToken.VALUE_STRING, field, "a string");
                        dtype = dtype(parser.getString());
                    }
                    case "shape" -> shape = LongStream.of(numbers(field, MAX_RANK, Integer.MAX_VALUE))
                            .mapToInt(Math::toIntExact)
                            .toArray();
                    case "data_offsets" -> offsets = numbers(field, 2, Long.MAX_VALUE);
                    default -> throw wrong(
                            "field " + Quote.value(field),
                            "is unknown, expected dtype, shape and data_offsets");
                }
            }
            if (dtype == null || shape == null || offsets == null) {
                throw wrong(dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets", "is missing");
            }
            if (offsets.length != 2) {
                throw wrong("data_offsets", "has " + offsets.length + " numbers, expected [begin, end]");
            }
            try {
                return new TensorInfo(member, dtype, shape, offsets[0], offsets[1]);
            } catch (IllegalArgumentException e) {
                throw new ModelFormatException(file, e.getMessage(), e);
            }
        }

        private DType dtype(String name) throws ModelFormatException {
            try {
                return DType.of(name);
            } catch (IllegalArgumentException e) {
                String known = Arrays.toString(DType.values());
                throw wrong("dtype", "is " + Quote.value(name) + ", expected one of " + known);
            }
        }

        /** Reads an array of whole numbers from 0 to {@code max}, at most {@code length} of them. */
        private long[] numbers(String field, int length, long max) throws ModelFormatException {
            requireToken(parser.currentToken(), JsonToken.START_ARRAY, field, "an array of whole numbers");
            long[] numbers = new long[length];
            int count = 0;
            for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                if (count == length) {
                    throw wrong(field, "has more than " + length + " numbers");
                }
                long number = token == JsonToken.VALUE_NUMBER_INT ? parseLong(parser.getString()) : -1;
                if (number < 0 || number > max) {
                    throw wrong(field, "holds " + found(token) + ", expected whole numbers from 0 to " + max);
                }
                numbers[count++] = number;
            }
            return Arrays.copyOf(numbers, count);
        }

        /** The number, or -1 if it has more digits than a long. */
        private static long parseLong(String digits) {
            try {
                return Long.parseLong(digits);
            } catch (NumberFormatException e) {
                return -1;
            }
        }

        private void requireToken(JsonToken token, JsonToken expected, String field, String description)
                throws ModelFormatException {
            if (token != expected) {
                throw wrong(field, "is " + found(token) + ", expected " + description);
            }
        }

        /** The value in quotes; of an object or array, whose content has not been read yet, the bracket. */
        private String found(JsonToken token) {
            return Quote.value(token.isScalarValue() ? parser.getString() : token.asString());
        }

        private ModelFormatException wrong(String field, String problem) {
            String where = member.equals(METADATA) ? METADATA : "tensor " + Quote.value(member);
            return new ModelFormatException(file, where + ": " + field + " " + problem);
        }
    }
}
