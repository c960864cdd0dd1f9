package io.bitlab.models.generate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a Jinja template without what makes no difference: white space that Hugging Face's settings ({@code
 * trim_blocks}, {@code lstrip_blocks}) or a tag's {@code -} remove, spaces in tags, the kind of quotes, strings in
 * pieces. Templates that are equal then render the same prompts.
 */
final class JinjaText {

    private static final Pattern TAG = Pattern.compile("\\{([%{#])(-?)(.*?)(-?)([%}#])\\}", Pattern.DOTALL);
    private static final Pattern STRING =
            Pattern.compile("'((?:[^'\\\\]|\\\\.)*+)'|\"((?:[^\"'\\\\]|\\\\[^\"'])*+)\"", Pattern.DOTALL);
    private static final Pattern MEMBER = Pattern.compile("\\bmessage\\.(role|content)\\b");

    private JinjaText() {}

    /** The text that all equivalent templates have in common. */
    static String normalized(String template) {
        String source = template.replace("\r\n", "\n");
        source = source.endsWith("\n") ? source.substring(0, source.length() - 1) : source;
        StringBuilder result = new StringBuilder();
        Matcher tag = TAG.matcher(source);
        int from = 0;
        boolean stripNext = false;
        while (tag.find()) {
            boolean prints = tag.group(1).equals("{");
            String text = source.substring(from, tag.start());
            text = stripNext ? text.stripLeading() : text;
            result.append(!tag.group(2).isEmpty() ? text.stripTrailing()
                    : !prints && startsLine(source, tag.start()) ? withoutIndent(text) : text);
            if (!tag.group(1).equals("#")) {
                result.append('{').append(tag.group(1)).append(code(tag.group(3))).append(tag.group(5)).append('}');
            }
            stripNext = !tag.group(4).isEmpty();
            from = tag.end();
            if (!prints && source.startsWith("\n", from)) {
                from++;
            }
        }
        String rest = source.substring(from);
        return result.append(stripNext ? rest.stripLeading() : rest).toString();
    }

    private static boolean startsLine(String source, int at) {
        int from = at;
        while (from > 0 && (source.charAt(from - 1) == ' ' || source.charAt(from - 1) == '\t')) {
            from--;
        }
        return from == 0 || source.charAt(from - 1) == '\n';
    }

    private static String withoutIndent(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == '\t')) {
            end--;
        }
        return text.substring(0, end);
    }

    /** What is in a tag. Strings keep their spaces. */
    private static String code(String source) {
        StringBuilder result = new StringBuilder();
        Matcher string = STRING.matcher(source);
        int from = 0;
        while (string.find()) {
            append(result, source.substring(from, string.start()));
            String content = string.group(1) != null ? string.group(1) : string.group(2);
            if (result.lastIndexOf("'+") == Math.max(0, result.length() - 2)) {
                result.setLength(result.length() - 2); // two strings become one
            } else {
                result.append('\'');
            }
            result.append(content.replace("\n", "\\n")).append('\'');
            from = string.end();
        }
        append(result, source.substring(from));
        return result.toString();
    }

    /** Words keep one space between them. */
    private static void append(StringBuilder result, String words) {
        result.append(MEMBER.matcher(words.strip().replaceAll("\\s+", " ")).replaceAll("message['$1']")
                .replaceAll(" (?!\\w)|(?<!\\w) ", ""));
    }
}
