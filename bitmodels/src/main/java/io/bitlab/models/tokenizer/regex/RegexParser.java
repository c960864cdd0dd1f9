package io.bitlab.models.tokenizer.regex;

import io.bitlab.models.tokenizer.regex.RegexSyntax.Alternation;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Anchor;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Atomic;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Greediness;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Lookaround;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Repetition;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Sequence;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Single;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Parses regular expressions in Oniguruma's Ruby syntax, which Hugging Face's tokenizers use. Anything whose meaning is
 * not certain is refused. Source: Oniguruma, {@code doc/RE}.
 */
final class RegexParser extends RegexReader {

    private static final int MAX_REPETITIONS = 1000;

    /** Quantifiers in a row; each is a level of recursion. */
    private static final int MAX_QUANTIFIERS = 3;

    /** Pairs of letters with a ligature, which would match both letters if case is ignored. */
    private static final Set<String> LIGATURES = Set.of("ss", "ff", "fi", "fl", "st");

    /** Nested groups and classes; each is a few levels of recursion, and the stack may be small. */
    private static final int MAX_DEPTH = 50;

    private boolean anyCase;
    private boolean dotAll;
    private int depth;

    private RegexParser(String pattern) {
        super(pattern);
    }

    static RegexSyntax parse(String pattern) {
        RegexParser parser = new RegexParser(pattern);
        RegexSyntax whole = parser.alternation();
        if (parser.at < pattern.length()) {
            throw parser.wrong("a ) without its (");
        }
        return whole;
    }

    private RegexSyntax alternation() {
        enter();
        List<RegexSyntax> alternatives = new ArrayList<>();
        do {
            alternatives.add(sequence());
        } while (take("|"));
        depth--;
        return alternatives.size() == 1 ? alternatives.getFirst() : new Alternation(alternatives);
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw wrong("more than " + MAX_DEPTH + " groups or classes within each other");
        }
    }

    private RegexSyntax sequence() {
        List<RegexSyntax> parts = new ArrayList<>();
        String letters = ""; // the last one or two plain characters, in lower case
        while (at < pattern.length() && !ahead("|") && !ahead(")")) {
            int start = at;
            RegexSyntax part = part();
            boolean plain = at - start == 1 && part instanceof Single;
            RegexSyntax repeated = quantified(part);
            letters = plain ? letters + Character.toLowerCase(pattern.charAt(start)) : "";
            letters = letters.substring(Math.max(0, letters.length() - 2));
            if (anyCase && LIGATURES.contains(letters)) {
                throw wrong("'" + letters + "' without regard to case, which a ligature would match");
            }
            parts.add(repeated);
        }
        return parts.size() == 1 ? parts.getFirst() : new Sequence(parts);
    }

    private RegexSyntax part() {
        int c = next();
        return switch (c) {
            case '(' -> group();
            case '[' -> new Single(bracket(true));
            case '.' -> new Single(dotAll ? CharacterSet.ALL : CharacterSet.of('\n').not());
            case '^' -> new Anchor(Boundary.LINE_START);
            case '$' -> new Anchor(Boundary.LINE_END);
            case '\\' -> escape();
            case '*', '+', '?', '{' -> throw wrong("a quantifier with nothing to repeat");
            default -> new Single(cased(CharacterSet.of(c)));
        };
    }

    private RegexSyntax group() {
        boolean caseBefore = anyCase;
        boolean dotBefore = dotAll;
        RegexSyntax group;
        if (!take("?")) {
            group = alternation(); // captures are never used
        } else if (take("<=") || take("<!")) {
            boolean negative = pattern.charAt(at - 1) == '!';
            group = lookaround(alternation(), true, negative);
        } else if (take("=") || take("!")) {
            boolean negative = pattern.charAt(at - 1) == '!';
            group = lookaround(alternation(), false, negative);
        } else if (take(">")) {
            group = new Atomic(alternation());
        } else if (take("<")) {
            name();
            group = alternation();
        } else if (take("#")) {
            throw wrong("a comment");
        } else {
            int start = at - 2;
            options();
            if (take(")")) {
                // they hold for the rest of the group, which is only unambiguous at its beginning
                if (start > 0 && !(pattern.charAt(start - 1) == '(' || pattern.startsWith("(?:", start - 3))) {
                    throw wrong("options in the middle of a group");
                }
                return alternation();
            }
            expect(":");
            group = alternation();
        }
        expect(")");
        anyCase = caseBefore;
        dotAll = dotBefore;
        return group;
    }

    private RegexSyntax lookaround(RegexSyntax body, boolean back, boolean negative) {
        if (!back || body.length() >= 0) {
            return new Lookaround(body, back, negative);
        }
        if (body instanceof Alternation alternation) { // each alternative may have its own length
            List<RegexSyntax> looks =
                    alternation.alternatives().stream().map(part -> lookaround(part, true, negative)).toList();
            return negative ? new Sequence(looks) : new Alternation(looks);
        }
        throw wrong("a lookbehind whose length is not fixed");
    }

    private void name() {
        int end = pattern.indexOf('>', at);
        if (end <= at || !pattern.substring(at, end).matches("[A-Za-z_][A-Za-z_0-9]*")) {
            throw wrong("a group with an unusual name");
        }
        at = end + 1;
    }

    /** Reads options up to the colon or parenthesis. {@code m} is what other dialects call {@code s}. */
    private void options() {
        boolean on = true;
        while (!ahead(":") && !ahead(")")) {
            switch (next()) {
                case '-' -> on = false;
                case 'i' -> anyCase = on;
                case 'm' -> dotAll = on;
                default -> throw wrong("an option other than i and m, or an unknown kind of group");
            }
        }
    }

    private RegexSyntax quantified(RegexSyntax part) {
        RegexSyntax repeated = part;
        for (int count = 0; at < pattern.length(); count++) {
            int min;
            int max;
            boolean braces = false;
            if (take("*")) {
                min = 0;
                max = RegexSyntax.UNLIMITED;
            } else if (take("+")) {
                min = 1;
                max = RegexSyntax.UNLIMITED;
            } else if (take("?")) {
                min = 0;
                max = 1;
            } else if (take("{")) {
                braces = true;
                min = ahead(",") ? 0 : number();
                max = !take(",") ? min : ahead("}") ? RegexSyntax.UNLIMITED : number();
                expect("}");
                if (max < min || max == 0) {
                    throw wrong("{" + min + "," + max + "}");
                }
            } else {
                return repeated;
            }
            if (count == MAX_QUANTIFIERS) {
                throw wrong("more than " + MAX_QUANTIFIERS + " quantifiers in a row");
            }
            if (repeated.length() == 0) {
                throw wrong("a repeated condition");
            }
            if (max > 1 && repeated.mayBeEmpty()) {
                throw wrong("a repetition of what may match nothing");
            }
            Greediness greediness = Greediness.GREEDY;
            if (take("?")) {
                if (braces && min == max) {
                    throw wrong("{" + min + "}?");
                }
                greediness = Greediness.LAZY;
            } else if (!braces && take("+")) { // after braces, + is another quantifier
                greediness = Greediness.POSSESSIVE;
            }
            repeated = new Repetition(repeated, min, max, greediness);
        }
        return repeated;
    }

    private int number() {
        int start = at;
        while (at < pattern.length() && pattern.charAt(at) >= '0' && pattern.charAt(at) <= '9') {
            at++;
        }
        if (at == start || at - start > 4 || Integer.parseInt(pattern, start, at, 10) > MAX_REPETITIONS) {
            throw wrong("a { that is no repetition of at most " + MAX_REPETITIONS);
        }
        return Integer.parseInt(pattern, start, at, 10);
    }

    private RegexSyntax escape() {
        return switch (peek()) {
            case 'A' -> anchor(Boundary.TEXT_START);
            case 'z' -> anchor(Boundary.TEXT_END);
            case 'Z' -> anchor(Boundary.LAST_LINE_END);
            case 'b' -> anchor(Boundary.WORD_BOUNDARY);
            case 'B' -> anchor(Boundary.NOT_WORD_BOUNDARY);
            default -> {
                Optional<CharacterSet> set = escapedSet(CharacterProperties.WORD_ALONE);
                yield new Single(cased(set.isPresent() ? set.get() : CharacterSet.of(escapedCharacter())));
            }
        };
    }

    private Anchor anchor(Boundary boundary) {
        at++;
        return new Anchor(boundary);
    }

    /**
     * Reads a class after its opening bracket. If case is ignored, it is ignored for the outermost class as a whole.
     */
    private CharacterSet bracket(boolean outermost) {
        enter();
        boolean negative = take("^");
        if (ahead("]")) {
            throw wrong("an empty class, or one that begins with ]");
        }
        List<CharacterSet> operands = new ArrayList<>();
        List<CharacterSet> items = new ArrayList<>(); // since the last &&
        while (!ahead("]")) {
            if (take("&&")) {
                operands.add(union(items));
                items.clear();
            } else {
                items.add(item());
            }
        }
        operands.add(union(items));
        expect("]");
        depth--;
        CharacterSet result = CharacterSet.allOf(operands);
        CharacterSet cased = outermost ? cased(result) : result;
        return negative ? cased.not() : cased;
    }

    private CharacterSet union(List<CharacterSet> items) {
        if (items.isEmpty()) {
            throw wrong("&& with nothing on one side");
        }
        return CharacterSet.anyOf(items);
    }

    private CharacterSet item() {
        if (take("[:")) {
            boolean negative = take("^");
            int end = pattern.indexOf(":]", at);
            String name = pattern.substring(at, end < 0 ? at : end);
            CharacterSet set = CharacterProperties.named(name)
                    .filter(_ -> Set.of("alnum", "alpha", "blank", "cntrl", "digit", "lower", "space", "upper", "word",
                            "xdigit", "ascii").contains(name))
                    .orElseThrow(() -> wrong("the unknown class '[:" + name + "'"));
            at = end + 2;
            return negative ? set.not() : set;
        }
        if (take("[")) {
            return bracket(false);
        }
        int first = next();
        if (first == '\\') {
            Optional<CharacterSet> set = escapedSet(CharacterProperties.WORD);
            if (set.isPresent()) {
                if (ahead("-") && !pattern.startsWith("-]", at)) {
                    throw wrong("a range that begins with a class");
                }
                return set.get();
            }
            first = escapedCharacter();
        } else if (first == '-' && !ahead("]") && pattern.charAt(at - 2) != '[' && pattern.charAt(at - 2) != '^') {
            throw wrong("a hyphen in the middle of a class");
        }
        if (!ahead("-") || pattern.startsWith("-]", at)) {
            return CharacterSet.of(first);
        }
        at++;
        if (ahead("&&")) {
            throw wrong("a hyphen in front of &&");
        }
        int last = next();
        if (last == '[' || last == '\\' && escapedSet(CharacterProperties.WORD).isPresent()) {
            throw wrong("a range that ends with a class");
        }
        last = last == '\\' ? escapedCharacter() : last;
        if (last < first) {
            throw wrong("a range with its ends in the wrong order");
        }
        return CharacterSet.range(first, last);
    }

    private CharacterSet cased(CharacterSet set) {
        if (!anyCase) {
            return set;
        }
        if (set.beyondAscii()) {
            throw wrong("characters beyond ASCII without regard to case");
        }
        return set.withBothCases();
    }
}
