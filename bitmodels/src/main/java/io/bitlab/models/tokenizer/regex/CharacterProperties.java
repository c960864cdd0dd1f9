package io.bitlab.models.tokenizer.regex;

import java.lang.Character.UnicodeScript;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Sets of characters by name, for <code>\p{...}</code> and {@code [:...:]} in regular expressions. */
public final class CharacterProperties {

    /** Short and long name of each general category, and its number in {@link Character#getType}. */
    private static final String[] CATEGORIES = {"Cn Unassigned 0", "Lu Uppercase_Letter 1", "Ll Lowercase_Letter 2",
        "Lt Titlecase_Letter 3", "Lm Modifier_Letter 4", "Lo Other_Letter 5", "Mn Nonspacing_Mark 6",
        "Me Enclosing_Mark 7", "Mc Spacing_Mark 8", "Nd Decimal_Number 9", "Nl Letter_Number 10",
        "No Other_Number 11", "Zs Space_Separator 12", "Zl Line_Separator 13", "Zp Paragraph_Separator 14",
        "Cc Control 15", "Cf Format 16", "Co Private_Use 18", "Cs Surrogate 19", "Pd Dash_Punctuation 20",
        "Ps Open_Punctuation 21", "Pe Close_Punctuation 22", "Pc Connector_Punctuation 23",
        "Po Other_Punctuation 24", "Sm Math_Symbol 25", "Sc Currency_Symbol 26", "Sk Modifier_Symbol 27",
        "So Other_Symbol 28", "Pi Initial_Punctuation 29", "Pf Final_Punctuation 30"};

    private static final String[] GROUPS = {"L Letter", "M Mark", "N Number", "P Punctuation", "S Symbol",
        "Z Separator", "C Other"};

    /** White space, {@code \s}: the space characters of Unicode, tab to carriage return, and U+0085. */
    public static final CharacterSet SPACE =
            CharacterSet.of(c -> Character.isSpaceChar(c) || c >= '\t' && c <= '\r' || c == 0x85);

    static final CharacterSet DIGIT = CharacterSet.categories(Character.DECIMAL_DIGIT_NUMBER);

    static final CharacterSet HEX_DIGIT =
            CharacterSet.range('0', '9').or(CharacterSet.range('a', 'f')).or(CharacterSet.range('A', 'F'));

    /** Characters of words, {@code \w}. */
    public static final CharacterSet WORD = CharacterSet.of(Character::isAlphabetic).or(CharacterSet.categories(
            Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK,
            Character.DECIMAL_DIGIT_NUMBER, Character.CONNECTOR_PUNCTUATION));

    /** {@code \w} outside a class, where Oniguruma includes the superscripts and fractions of Latin-1. */
    static final CharacterSet WORD_ALONE = WORD.or(CharacterSet.of(
            c -> c < 0x100 && Character.getType(c) == Character.OTHER_NUMBER));

    private static final Map<String, CharacterSet> BY_NAME = byName();

    private CharacterProperties() {}

    private static Map<String, CharacterSet> byName() {
        Map<String, CharacterSet> sets = new HashMap<>();
        for (String group : GROUPS) {
            int[] types = Stream.of(CATEGORIES)
                    .filter(category -> category.charAt(0) == group.charAt(0))
                    .mapToInt(category -> Integer.parseInt(category.split(" ")[2]))
                    .toArray();
            put(sets, CharacterSet.categories(types), group.split(" "));
        }
        for (String category : CATEGORIES) {
            String[] parts = category.split(" ");
            put(sets, CharacterSet.categories(Integer.parseInt(parts[2])), parts[0], parts[1]);
        }
        put(sets, CharacterSet.ALL, "Any");
        put(sets, CharacterSet.range(0, 0x7f), "ASCII");
        put(sets, CharacterSet.of(Character::isAlphabetic), "Alphabetic", "Alpha");
        put(sets, CharacterSet.of(Character::isAlphabetic).or(DIGIT), "Alnum");
        put(sets, CharacterSet.of(c -> c == '\t' || Character.getType(c) == Character.SPACE_SEPARATOR), "Blank");
        put(sets, CharacterSet.categories(Character.CONTROL), "Cntrl");
        put(sets, DIGIT, "Digit");
        put(sets, CharacterSet.of(Character::isLowerCase), "Lowercase", "Lower");
        put(sets, CharacterSet.of(Character::isUpperCase), "Uppercase", "Upper");
        put(sets, SPACE, "White_Space", "Space");
        put(sets, WORD, "Word");
        put(sets, HEX_DIGIT, "XDigit", "ASCII_Hex_Digit");
        put(sets, CharacterSet.of(Character::isIdeographic), "Ideographic");
        put(sets, CharacterSet.of(Character::isEmoji), "Emoji");
        put(sets, CharacterSet.of(Character::isEmojiPresentation), "Emoji_Presentation");
        put(sets, CharacterSet.of(Character::isEmojiModifier), "Emoji_Modifier");
        put(sets, CharacterSet.of(Character::isEmojiModifierBase), "Emoji_Modifier_Base");
        put(sets, CharacterSet.of(Character::isExtendedPictographic), "Extended_Pictographic");
        for (UnicodeScript script : UnicodeScript.values()) {
            put(sets, CharacterSet.of(c -> UnicodeScript.of(c) == script), script.name());
        }
        return Map.copyOf(sets);
    }

    private static void put(Map<String, CharacterSet> sets, CharacterSet set, String... names) {
        for (String name : names) {
            sets.put(normalize(name), set);
        }
    }

    /** Names ignore case, spaces, hyphens and underscores. */
    private static String normalize(String name) {
        return name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
    }

    /** The general category, script or property of this name; empty if there is none. */
    static Optional<CharacterSet> named(String name) {
        return Optional.ofNullable(BY_NAME.get(normalize(name)));
    }
}
