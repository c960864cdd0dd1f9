package io.bitlab.models.tokenizer;

import io.bitlab.models.io.Quote;
import io.bitlab.models.tokenizer.regex.Regex;
import io.bitlab.models.tokenizer.regex.RegexSearch;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Cuts text into the pieces, roughly words, that byte-pair encoding merges within: tokens never cross them. A text is
 * cut by one regular expression after the other; its matches and what lies between them become pieces, so that nothing
 * is lost. Immutable.
 */
public final class Pretokenizer {

    private static final String GPT2_PATTERN =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final String LLAMA3_PATTERN =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** Leaves text in one piece. */
    public static final Pretokenizer NONE = of();

    /** That of GPT-2: a word or number with the space before it. */
    public static final Pretokenizer GPT2 = of(GPT2_PATTERN);

    /** That of Llama 3, BitNet b1.58 2B4T and Falcon 3: as GPT-2, but digits by three, and line ends apart. */
    public static final Pretokenizer LLAMA3 = of(LLAMA3_PATTERN);

    /** Published patterns have up to 1,500 characters; these keep hostile ones from exhausting the stack. */
    private static final int MAX_PATTERN_CHARACTERS = 8192;

    private static final int MAX_PATTERN_GROUPS = 256;

    private final Optional<Normalizer.Form> form;
    private final boolean spaceFirst;
    private final List<Regex> cuts;

    private Pretokenizer(Optional<Normalizer.Form> form, boolean spaceFirst, List<Regex> cuts) {
        this.form = form;
        this.spaceFirst = spaceFirst;
        this.cuts = List.copyOf(cuts);
    }

    /**
     * Cuts with regular expressions, as a {@code tokenizer.json} has them. They mean what they mean for Oniguruma,
     * which Hugging Face's tokenizers use: {@code .} is all but a line feed, {@code \s}, {@code \w} and the like are
     * those of Unicode, and <code>\p{Han}</code> is a script. A text may have any length.
     *
     * @param patterns each cuts the pieces that the one before it made
     * @return the pretokenizer
     * @throws IllegalArgumentException if a pattern is none, is unreasonably long, or has what this library lacks, such
     *     as references to groups; the message has it
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

    /**
     * Puts a space before text that doesn't begin with one.
     *
     * @return a pretokenizer that does so first
     */
    Pretokenizer withSpaceFirst() {
        return new Pretokenizer(form, true, cuts);
    }

    /** Brings text into a normal form of Unicode first. */
    Pretokenizer withForm(Normalizer.Form normalForm) {
        return new Pretokenizer(Optional.of(normalForm), spaceFirst, cuts);
    }

    /**
     * Cuts a text.
     *
     * @param text any text
     * @return the pieces in their order, none of them empty
     */
    public List<String> split(String text) {
        return cut(normalize(text));
    }

    /** Brings text into the normal form. */
    String normalize(String text) {
        return form.isPresent() ? Normalizer.normalize(text, form.get()) : text;
    }

    /** As {@link #split}, of text in the normal form. */
    List<String> cut(String normalized) {
        String start = normalized;
        if (spaceFirst && !start.startsWith(" ") && !start.isEmpty()) {
            start = " " + start;
        }
        List<String> pieces = start.isEmpty() ? List.of() : List.of(start);
        for (Regex cut : cuts) {
            List<String> smaller = new ArrayList<>();
            for (String piece : pieces) {
                split(piece, cut, smaller);
            }
            pieces = smaller;
        }
        return pieces;
    }

    private static void split(String text, Regex cut, List<String> pieces) {
        RegexSearch search = new RegexSearch(cut, text);
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

    /** The regular expressions, in their order. */
    List<String> patterns() {
        return cuts.stream().map(Regex::pattern).toList();
    }

    boolean spaceFirst() {
        return spaceFirst;
    }

    Optional<Normalizer.Form> form() {
        return form;
    }
}
