package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.tokenizer.regex.Regex;
import io.bitlab.models.tokenizer.regex.RegexSearch;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Splits text into pieces, roughly words, that the tokens of byte-pair encoding never cross. The text is split by one
 * regular expression after the other; the matches and the text between them become pieces, so nothing is lost.
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="pretokenize"}
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class Pretokenizer {

    private static final String GPT2_PATTERN =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final String LLAMA3_PATTERN =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** Keeps the text in one piece. */
    public static final Pretokenizer NONE = of();

    /** GPT-2: a word or number with the space before it is a piece. */
    public static final Pretokenizer GPT2 = of(GPT2_PATTERN);

    /** Llama 3, BitNet b1.58 2B4T and Falcon 3: as GPT-2, but at most three digits per piece, and line ends apart. */
    public static final Pretokenizer LLAMA3 = of(LLAMA3_PATTERN);

    /** Published patterns have up to 1,500 characters. The limits keep hostile ones from exhausting the stack. */
    private static final int MAX_PATTERN_CHARACTERS = 8192;

    private static final int MAX_PATTERN_GROUPS = 256;

    private final Optional<Normalizer.Form> form;
    private final boolean spaceFirst;
    private final List<Regex> patterns;

    private Pretokenizer(Optional<Normalizer.Form> form, boolean spaceFirst, List<Regex> patterns) {
        this.form = form;
        this.spaceFirst = spaceFirst;
        this.patterns = List.copyOf(patterns);
    }

    /**
     * Splits with regular expressions, as a {@code tokenizer.json} has them. Their syntax and meaning are those of
     * Oniguruma, which Hugging Face's tokenizers use: {@code .} is any character but a line feed, {@code \s}, {@code
     * \w} and the like follow Unicode, and <code>\p{Han}</code> is a script. The text may have any length.
     *
     * @param patterns each splits the pieces of the one before it
     * @return the pretokenizer
     * @throws IllegalArgumentException if a pattern is malformed, is unreasonably long, or has an unsupported element
     *     such as a back reference; the message names it
     */
    public static Pretokenizer of(String... patterns) {
        return new Pretokenizer(
                Optional.empty(), false, Stream.of(patterns).map(Pretokenizer::compile).toList());
    }

    private static Regex compile(String pattern) {
        long groups = pattern.chars().filter(c -> c == '(' || c == '[').count();
        if (pattern.length() > MAX_PATTERN_CHARACTERS || groups > MAX_PATTERN_GROUPS) {
            throw new IllegalArgumentException("the pattern " + Quote.value(pattern) + " has " + groups
                    + " groups and classes, expected at most " + MAX_PATTERN_GROUPS + ", and at most "
                    + MAX_PATTERN_CHARACTERS + " characters");
        }
        return new Regex(pattern);
    }

    /** A copy that first puts a space before text that doesn't begin with one. */
    Pretokenizer withSpaceFirst() {
        return new Pretokenizer(form, true, patterns);
    }

    /** A copy that first brings text into a Unicode normal form. */
    Pretokenizer withForm(Normalizer.Form normalForm) {
        return new Pretokenizer(Optional.of(normalForm), spaceFirst, patterns);
    }

    /**
     * Splits a text.
     *
     * @param text any text
     * @return the pieces in order, none of them empty
     */
    public List<String> split(String text) {
        return splitNormalized(normalize(text));
    }

    /** The text in the normal form, if there is one. */
    String normalize(String text) {
        return form.isPresent() ? Normalizer.normalize(text, form.get()) : text;
    }

    /** As {@link #split}, for text that is in the normal form already. */
    List<String> splitNormalized(String normalized) {
        String start = normalized;
        if (spaceFirst && !start.startsWith(" ") && !start.isEmpty()) {
            start = " " + start;
        }
        List<String> pieces = start.isEmpty() ? List.of() : List.of(start);
        for (Regex pattern : patterns) {
            List<String> smaller = new ArrayList<>();
            for (String piece : pieces) {
                split(piece, pattern, smaller);
            }
            pieces = smaller;
        }
        return pieces;
    }

    private static void split(String text, Regex pattern, List<String> pieces) {
        RegexSearch search = new RegexSearch(pattern, text);
        int start = 0;
        while (search.find()) {
            if (search.start() > start) {
                pieces.add(text.substring(start, search.start()));
            }
            if (search.end() > search.start()) {
                pieces.add(text.substring(search.start(), search.end()));
            }
            start = search.end();
        }
        if (start < text.length()) {
            pieces.add(text.substring(start));
        }
    }

    /** The regular expressions in order. */
    List<String> patterns() {
        return patterns.stream().map(Regex::pattern).toList();
    }

    boolean spaceFirst() {
        return spaceFirst;
    }

    Optional<Normalizer.Form> form() {
        return form;
    }
}
