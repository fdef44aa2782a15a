package io.berth.pattern;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A regular expression in Go's syntax (RE2), which Docker's clients write. A match takes time in proportion to the pattern's size times
 * the text's length whatever the pattern is.
 *
 * <p>Immutable and thread-safe.
 */
public final class LinearPattern {
    /** Steps of the program: it bounds memory, time for each character, and the depth of the stack while it runs. */
    public static final int MAX_SIZE = 500;

    private static final String META = "\\.+*?()|[]{}^$";
    private static final int SHOWN = 40;

    private final String text;
    private final Pattern program;
    private final int size;

    private LinearPattern(String text, Pattern program) {
        this.text = text;
        this.program = program;
        this.size = program.programSize();
    }

    /**
     * Reads a pattern.
     *
     * @throws CostlyPattern when its program would have more than {@link #MAX_SIZE} steps; a much larger one is not even made
     * @throws InvalidPattern when it is none
     */
    public static LinearPattern of(String text) {
        // Most programs have half of what is reckoned, or less.
        if (atMost(text) > 2 * MAX_SIZE) {
            throw tooLarge(text);
        }
        if (ignoresCase(text) && namesCharactersBeyondAscii(text)) {
            throw new InvalidPattern(
                    "error parsing regexp: case is ignored for ASCII characters only: `" + shortened(text) + "`", null);
        }
        try {
            LinearPattern pattern = new LinearPattern(text, Pattern.compile(text));
            if (pattern.size() > MAX_SIZE) {
                throw tooLarge(text);
            }
            return pattern;
        } catch (PatternSyntaxException e) {
            // RE2/J's own words for a parenthesis too many are those of an internal error.
            boolean closed = e.getDescription().contains("internal error");
            String wrong = closed ? "unexpected )" : e.getDescription();
            String where = shortened(closed ? text : e.getPattern());
            throw new InvalidPattern("error parsing regexp: " + wrong + ": `" + where + "`", e);
        }
    }

    /** Whether some group has the flag {@code i}; one that takes it off again counts as well. */
    private static boolean ignoresCase(String text) {
        for (int group = text.indexOf("(?"); group >= 0; group = text.indexOf("(?", group + 1)) {
            for (int i = group + 2; i < text.length() && (text.charAt(i) == '-' || isLetter(text.charAt(i))); i++) {
                if (text.charAt(i) == 'i') {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /**
     * Whether a text holds characters beyond ASCII, or escapes by number, which may be such. RE2/J goes round the letters that fold into
     * each other until it is back at the first. Its table of them is older than the JDK's: from U+1C80 it never comes back.
     */
    private static boolean namesCharactersBeyondAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char next = i + 1 < text.length() ? text.charAt(i + 1) : 0;
            if (c > 0x7f || (c == '\\' && (next == 'x' || (next >= '0' && next <= '9')))) {
                return true;
            }
        }
        return false;
    }

    /**
     * More than a program of this text can have steps, without reading its syntax, since a mistake in reading it would be a way around.
     * Each character makes at most two; a count after a group multiplies all that is there, and one after anything else, which is a
     * single character or class, adds to it.
     */
    static long atMost(String text) {
        long single = 2L * text.length();
        long times = 1;
        for (int brace = text.indexOf('{'); brace >= 0 && times <= MAX_SIZE; brace = text.indexOf('{', brace + 1)) {
            int count = largestCount(text, brace + 1);
            if (brace > 0 && text.charAt(brace - 1) == ')') {
                times *= Math.max(1, count);
            } else {
                single += 2L * count; // of an optional one there is also the way around it
            }
        }
        return single * times;
    }

    /** The larger number of {@code n}, {@code n,} or {@code n,m}; whether a bracket closes it does not matter. */
    private static int largestCount(String text, int from) {
        int largest = 0;
        int number = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                number = Math.min(number * 10 + c - '0', MAX_SIZE + 1);
                largest = Math.max(largest, number);
            } else if (c == ',') {
                number = 0;
            } else {
                break;
            }
        }
        return largest;
    }

    private static CostlyPattern tooLarge(String text) {
        return new CostlyPattern("error parsing regexp: expression too large: `" + shortened(text) + "`");
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    /** A pattern that stands for the text itself. */
    public static String quote(String text) {
        return Pattern.quote(text);
    }

    /** Whether a pattern stands for itself, so that it can be looked for as it is. */
    static boolean isLiteral(String text) {
        return text.chars().noneMatch(c -> META.indexOf(c) >= 0);
    }

    /** Whether some part of a text matches. */
    public boolean isIn(String text) {
        return program.matcher(text).find();
    }

    /** Whether a whole text matches. */
    public boolean matches(String text) {
        return program.matches(text);
    }

    /** Steps of its program. */
    public int size() {
        return size;
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }
}
