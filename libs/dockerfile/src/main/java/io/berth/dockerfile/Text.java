package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** White space and quotes as Go's libraries understand them, for the language is defined by a program in Go. */
final class Text {
    private Text() {}

    /** {@code unicode.IsSpace}. */
    static boolean isSpace(char c) {
        return switch (c) {
            case '\t',
                    '\n',
                    '\u000b',
                    '\f',
                    '\r',
                    ' ',
                    '\u0085',
                    '\u00a0',
                    '\u1680',
                    '\u2028',
                    '\u2029',
                    '\u202f',
                    '\u205f',
                    '\u3000' -> true;
            default -> c >= '\u2000' && c <= '\u200a';
        };
    }

    static String stripLeading(String text) {
        int from = 0;
        while (from < text.length() && isSpace(text.charAt(from))) {
            from++;
        }
        return text.substring(from);
    }

    static String strip(String text) {
        int to = text.length();
        while (to > 0 && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return stripLeading(text.substring(0, to));
    }

    /** Whether the character parts an instruction from its arguments, and arguments from each other. */
    static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\u000b' || c == '\f' || c == '\r';
    }

    /** The part before the first blanks, and the part after them if there are any. */
    static List<String> cutAtBlank(String text) {
        int from = 0;
        while (from < text.length() && !isBlank(text.charAt(from))) {
            from++;
        }
        int to = from;
        while (to < text.length() && isBlank(text.charAt(to))) {
            to++;
        }
        return from == text.length() ? List.of(text) : List.of(text.substring(0, from), text.substring(to));
    }

    /** All parts between blanks. */
    static List<String> splitAtBlanks(String text) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if (isBlank(text.charAt(i))) {
                parts.add(text.substring(from, i));
                while (i + 1 < text.length() && isBlank(text.charAt(i + 1))) {
                    i++;
                }
                from = i + 1;
            }
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** {@code %q}: in double quotes, with the escapes that messages need. */
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        quoted.append(String.format("\\x%02x", c));
                    } else {
                        quoted.appendCodePoint(c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    /** {@code strconv.ParseBool}; null when it is neither. */
    static @org.jspecify.annotations.Nullable Boolean parseBoolean(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> null;
        };
    }
}
