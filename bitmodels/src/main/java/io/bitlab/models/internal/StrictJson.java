package io.bitlab.models.internal;

import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/** JSON as a stream of tokens, without duplicate keys, deep nesting or text after the end. */
public final class StrictJson {

    /** Configurations nest three or four levels; the limit keeps hostile text from exhausting the stack. */
    public static final int MAX_DEPTH = 64;

    /** Refuses duplicate keys and deep nesting. */
    public static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // these two keep what was read (names, buffers) from staying in shared tables
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    // unlimited: the length of the whole text is limited
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** Jackson adds this to some messages; it doesn't help anybody. */
    private static final Pattern MARKER = Pattern.compile(" \\(start marker at \\[Source: .*]\\)");

    private StrictJson() {}

    /**
     * Starts parsing.
     *
     * @param text any text
     * @return a parser of it, whose methods throw {@link JacksonException}
     */
    public static JsonParser parser(String text) {
        return FACTORY.createParser(ObjectReadContext.empty(), text);
    }

    /**
     * Checks that only white space follows the object that was just read.
     *
     * @param parser reads one more token
     * @return what is wrong; empty if nothing is
     */
    public static Optional<String> textAfterEnd(JsonParser parser) {
        return parser.nextToken() == null
                ? Optional.empty()
                : Optional.of("text follows after the end of the JSON object, at "
                        + position(parser.currentTokenLocation()));
    }

    /**
     * Describes a failure of a parser.
     *
     * @param failure what the parser threw
     * @return {@code not valid JSON}, the position and the cause
     */
    public static String describe(JacksonException failure) {
        TokenStreamLocation location = failure.getLocation();
        // an exceeded limit, such as that of nesting, comes without a position
        String where = location == null ? "" : " at " + position(location);
        return "not valid JSON" + where + ": " + MARKER.matcher(failure.getOriginalMessage()).replaceAll("");
    }

    private static String position(TokenStreamLocation location) {
        return "line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
