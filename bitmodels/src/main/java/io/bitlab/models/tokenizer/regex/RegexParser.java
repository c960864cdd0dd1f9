package io.bitlab.models.tokenizer.regex;

import io.bitlab.models.tokenizer.regex.RegexSyntax.At;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Atomic;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Choice;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Greed;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Look;
import io.bitlab.models.tokenizer.regex.RegexSyntax.One;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Place;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Repeat;
import io.bitlab.models.tokenizer.regex.RegexSyntax.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads regular expressions with the syntax that Oniguruma, which Hugging Face's tokenizers use, has for Ruby. What
 * is not known here for certain is refused. Source: Oniguruma, {@code doc/RE}.
 */
final class RegexParser extends RegexReader {

    private static final int MAX_REPETITIONS = 1000;

    /** Each is a level of the stack. */
    private static final int MAX_QUANTIFIERS = 3;

    /** Two letters that one ligature stands for; without regard to case, it would match them both. */
    private static final Set<String> LIGATURES = Set.of("ss", "ff", "fi", "fl", "st");

    /** Groups and classes within each other; each is some levels of the stack, which may be small. */
    private static final int MAX_DEPTH = 50;

    private boolean anyCase;
    private boolean dotAll;
    private int depth;

    private RegexParser(String pattern) {
        super(pattern);
    }

    static RegexSyntax parse(String pattern) {
        RegexParser parser = new RegexParser(pattern);
        RegexSyntax whole = parser.choice();
        if (parser.at < pattern.length()) {
            throw parser.wrong("a ) without its (");
        }
        return whole;
    }

    private RegexSyntax choice() {
        enter();
        List<RegexSyntax> alternatives = new ArrayList<>();
        do {
            alternatives.add(sequence());
        } while (take("|"));
        depth--;
        return alternatives.size() == 1 ? alternatives.getFirst() : new Choice(alternatives);
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
            boolean plain = at - start == 1 && part instanceof One;
            RegexSyntax repeated = repeated(part);
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
            case '[' -> new One(bracket(true));
            case '.' -> new One(dotAll ? CharacterSet.ALL : CharacterSet.of('\n').not());
            case '^' -> new At(Place.LINE_START);
            case '$' -> new At(Place.LINE_END);
            case '\\' -> escape();
            case '*', '+', '?', '{' -> throw wrong("a quantifier with nothing to repeat");
            default -> new One(cased(CharacterSet.of(c)));
        };
    }

    private RegexSyntax group() {
        boolean caseBefore = anyCase;
        boolean dotBefore = dotAll;
        RegexSyntax group;
        if (!take("?")) {
            group = choice(); // what it captured is never asked for
        } else if (take("<=") || take("<!")) {
            boolean negative = pattern.charAt(at - 1) == '!';
            group = look(choice(), true, negative);
        } else if (take("=") || take("!")) {
            boolean negative = pattern.charAt(at - 1) == '!';
            group = look(choice(), false, negative);
        } else if (take(">")) {
            group = new Atomic(choice());
        } else if (take("<")) {
            name();
            group = choice();
        } else if (take("#")) {
            throw wrong("a comment");
        } else {
            int start = at - 2;
            options();
            if (take(")")) {
                // the rest of a group, all its alternatives; at its beginning there is only one way to read that
                if (start > 0 && !(pattern.charAt(start - 1) == '(' || pattern.startsWith("(?:", start - 3))) {
                    throw wrong("options in the middle of a group");
                }
                return choice();
            }
            expect(":");
            group = choice();
        }
        expect(")");
        anyCase = caseBefore;
        dotAll = dotBefore;
        return group;
    }

    private RegexSyntax look(RegexSyntax body, boolean back, boolean negative) {
        if (!back || body.length() >= 0) {
            return new Look(body, back, negative);
        }
        if (body instanceof Choice choice) { // each alternative may have its own length
            List<RegexSyntax> looks =
                    choice.alternatives().stream().map(part -> look(part, true, negative)).toList();
            return negative ? new Sequence(looks) : new Choice(looks);
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

    /** Up to the colon or parenthesis. {@code m} is what others call {@code s}. */
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

    private RegexSyntax repeated(RegexSyntax part) {
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
            Greed greed = Greed.GREEDY;
            if (take("?")) {
                if (braces && min == max) {
                    throw wrong("{" + min + "}?");
                }
                greed = Greed.LAZY;
            } else if (!braces && take("+")) { // after braces it repeats once more
                greed = Greed.POSSESSIVE;
            }
            repeated = new Repeat(repeated, min, max, greed);
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
            case 'A' -> at(Place.TEXT_START);
            case 'z' -> at(Place.TEXT_END);
            case 'Z' -> at(Place.LAST_LINE_END);
            case 'b' -> at(Place.WORD_EDGE);
            case 'B' -> at(Place.NO_WORD_EDGE);
            default -> {
                Optional<CharacterSet> set = escapedSet(CharacterProperties.WORD_ALONE);
                yield new One(cased(set.isPresent() ? set.get() : CharacterSet.of(escapedCharacter())));
            }
        };
    }

    private At at(Place place) {
        at++;
        return new At(place);
    }

    /** After the opening bracket. Where case does not count, it is the outermost class that it does not count for. */
    private CharacterSet bracket(boolean outermost) {
        enter();
        boolean negative = take("^");
        if (ahead("]")) {
            throw wrong("an empty class, or one that begins with ]");
        }
        List<CharacterSet> sides = new ArrayList<>();
        List<CharacterSet> items = new ArrayList<>(); // since the last &&
        while (!ahead("]")) {
            if (take("&&")) {
                sides.add(union(items));
                items.clear();
            } else {
                items.add(item());
            }
        }
        sides.add(union(items));
        expect("]");
        depth--;
        CharacterSet result = CharacterSet.allOf(sides);
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
