package io.berth.dockerfile;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Reads the exec form, a JSON array of strings. What is not JSON from its first to its last character is the shell form; what is JSON
 * but has other things than strings in it is an error. No recursion, so that no nesting is too deep.
 */
final class JsonArray {
    private final String text;
    private int at;

    private JsonArray(String text) {
        this.text = text;
    }

    /**
     * The strings, or nothing when the text is not a JSON array.
     *
     * @throws DockerfileException for an array that has something else in it
     */
    static Optional<List<String>> parse(String text) {
        String stripped = Text.stripLeading(text);
        if (!stripped.startsWith("[")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new JsonArray(stripped).array());
        } catch (NotJson e) {
            return Optional.empty();
        }
    }

    private List<String> array() throws NotJson {
        List<String> strings = new ArrayList<>();
        boolean others = false;
        Deque<Character> open = new ArrayDeque<>();
        boolean valueMayFollow = true;
        boolean closeMayFollow = true;
        // One turn reads one value, or the end of one, and what comes after it.
        open.push(take('['));
        while (true) {
            skipSpace();
            char c = peek();
            if (closeMayFollow && c == open.peek() + 2) { // '[' and ']', '{' and '}' are two apart
                at++;
                open.pop();
            } else if (valueMayFollow) {
                if (open.peek() == '{') {
                    string();
                    skipSpace();
                    take(':');
                    skipSpace();
                    c = peek();
                }
                if (c == '[' || c == '{') {
                    others = true;
                    open.push(take(c));
                    valueMayFollow = true;
                    closeMayFollow = true;
                    continue;
                }
                if (c == '"') {
                    String value = string();
                    if (open.size() == 1) {
                        strings.add(value);
                    }
                } else {
                    others = true;
                    scalar();
                }
            } else {
                throw new NotJson();
            }
            skipSpace();
            if (open.isEmpty()) {
                if (at < text.length()) {
                    throw new NotJson();
                }
                if (others) {
                    throw new DockerfileException(
                            "when using JSON array syntax, arrays must be comprised of strings only");
                }
                return strings;
            }
            valueMayFollow = peek() == ',';
            closeMayFollow = !valueMayFollow;
            if (valueMayFollow) {
                at++;
            }
        }
    }

    private void scalar() throws NotJson {
        int from = at;
        while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(from, at);
        if (!word.equals("true") && !word.equals("false") && !word.equals("null") && !isNumber(word)) {
            throw new NotJson();
        }
    }

    private static boolean isNumber(String word) {
        int i = word.startsWith("-") ? 1 : 0;
        int whole = digits(word, i);
        if (whole == i || (word.charAt(i) == '0' && whole > i + 1)) {
            return false;
        }
        i = whole;
        if (i < word.length() && word.charAt(i) == '.') {
            int fraction = digits(word, i + 1);
            if (fraction == i + 1) {
                return false;
            }
            i = fraction;
        }
        if (i < word.length() && (word.charAt(i) == 'e' || word.charAt(i) == 'E')) {
            i++;
            if (i < word.length() && (word.charAt(i) == '+' || word.charAt(i) == '-')) {
                i++;
            }
            int exponent = digits(word, i);
            if (exponent == i) {
                return false;
            }
            i = exponent;
        }
        return i == word.length();
    }

    private static int digits(String word, int from) {
        int i = from;
        while (i < word.length() && word.charAt(i) >= '0' && word.charAt(i) <= '9') {
            i++;
        }
        return i;
    }

    private String string() throws NotJson {
        take('"');
        StringBuilder value = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                return value.toString();
            }
            if (c < ' ') {
                throw new NotJson();
            }
            value.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() throws NotJson {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unit();
            default -> throw new NotJson();
        };
    }

    private char unit() throws NotJson {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            char next = next();
            int digit = next < 0x80 ? Character.digit(next, 16) : -1; // not the digits of other scripts
            if (digit < 0) {
                throw new NotJson();
            }
            unit = unit * 16 + digit;
        }
        return (char) unit;
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() throws NotJson {
        if (at >= text.length()) {
            throw new NotJson();
        }
        return text.charAt(at);
    }

    private char next() throws NotJson {
        char c = peek();
        at++;
        return c;
    }

    private char take(char wanted) throws NotJson {
        if (next() != wanted) {
            throw new NotJson();
        }
        return wanted;
    }

    /** Thrown and caught in here only. */
    private static final class NotJson extends Exception {
        NotJson() {
            super(null, null, false, false);
        }
    }
}
