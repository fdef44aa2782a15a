package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The patterns of {@code ${name#pattern}} and its kin: {@code ?} is one character, {@code *} any number, a backslash takes away the
 * meaning of either. Matching takes time in proportion to pattern times text, whatever the pattern.
 */
final class ShellPattern {
    private static final int ANY = -1;
    private static final int MANY = -2;
    private static final int NEVER = Integer.MAX_VALUE;
    private static final int MAX_TOKENS = 1024;

    private final int[] tokens;

    private ShellPattern(int[] tokens) {
        this.tokens = tokens;
    }

    /** @throws DockerfileException for a backslash before anything else */
    static ShellPattern of(String pattern) {
        int[] chars = pattern.codePoints().toArray();
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < chars.length; i++) {
            switch (chars[i]) {
                case '*' -> {
                    // Several in a row are one.
                    if (tokens.isEmpty() || tokens.getLast() != MANY) {
                        tokens.add(MANY);
                    }
                }
                case '?' -> tokens.add(ANY);
                case '\\' -> {
                    int next = i + 1 < chars.length ? chars[i + 1] : -1;
                    if (next == '}' || next == '/') {
                        continue; // escaped for the sake of the expression around it
                    }
                    if (next != '*' && next != '?' && next != '\\') {
                        throw new DockerfileException(
                                "invalid pattern (" + pattern + ") in substitution: invalid escape '\\"
                                        + (next < 0 ? "" : Character.toString(next)) + "'");
                    }
                    tokens.add(next);
                    i++;
                }
                default -> tokens.add(chars[i]);
            }
        }
        if (tokens.size() > MAX_TOKENS) {
            throw new DockerfileException("pattern in substitution is too long");
        }
        return new ShellPattern(tokens.stream().mapToInt(Integer::intValue).toArray());
    }

    /** The value without what matches at its beginning, as little as possible or as much. */
    String trimPrefix(String value, boolean greedy) {
        int[] text = value.codePoints().toArray();
        int end = matchEnd(text, 0, greedy);
        return end < 0 ? value : new String(text, end, text.length - end);
    }

    /** The value without what matches at its end, as little as possible or as much. */
    String trimSuffix(String value, boolean greedy) {
        int[] text = reversed(value.codePoints().toArray());
        int end = new ShellPattern(reversed(tokens)).matchEnd(text, 0, greedy);
        return end < 0 ? value : new String(reversed(text), 0, text.length - end);
    }

    /**
     * The value with what matches replaced, the longest match at each place.
     *
     * @throws DockerfileException when it comes out longer than {@code limit}
     */
    String replace(String value, String replacement, boolean all, int limit) {
        int[] text = value.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        int copied = 0;
        int lastEnd = -1;
        for (int from = 0; from <= text.length; ) {
            int[] match = search(text, from);
            if (match == null) {
                break;
            }
            int start = match[0];
            int end = match[1];
            if (end > start || start != lastEnd) { // nothing, right after a match, is not another match
                out.append(new String(text, copied, start - copied)).append(replacement);
                if (out.length() > limit) {
                    throw new DockerfileException(ShellLexer.TOO_LONG);
                }
                copied = end;
                lastEnd = end;
                if (!all) {
                    break;
                }
            }
            from = end > start ? end : start + 1;
        }
        return out.append(new String(text, copied, text.length - copied)).toString();
    }

    /** The first match and the longest one there: where it starts and ends. All starts are tried in one pass over the text. */
    private int @Nullable [] search(int[] text, int from) {
        int[] starts = new int[tokens.length + 1]; // per state the first start that leads to it
        java.util.Arrays.fill(starts, NEVER);
        int start = NEVER;
        int end = -1;
        for (int i = from; ; i++) {
            if (start == NEVER) {
                starts[0] = Math.min(starts[0], i);
            }
            for (int s = 0; s < tokens.length; s++) {
                if (tokens[s] == MANY) {
                    starts[s + 1] = Math.min(starts[s + 1], starts[s]);
                }
            }
            if (starts[tokens.length] <= start && starts[tokens.length] != NEVER) {
                start = starts[tokens.length];
                end = i;
            }
            boolean alive = false;
            for (int s = 0; s <= tokens.length; s++) {
                if (starts[s] > start) {
                    starts[s] = NEVER;
                }
                alive |= starts[s] != NEVER && s < tokens.length;
            }
            if (i == text.length || (!alive && start != NEVER)) {
                return start == NEVER ? null : new int[] {start, end};
            }
            for (int s = tokens.length; s >= 0; s--) {
                boolean stays = s < tokens.length && tokens[s] == MANY && text[i] != '\n';
                boolean steps = s > 0 && tokens[s - 1] != MANY && accepts(tokens[s - 1], text[i]);
                starts[s] = Math.min(stays ? starts[s] : NEVER, steps ? starts[s - 1] : NEVER);
            }
        }
    }

    private static boolean accepts(int token, int c) {
        return token == c || (token == ANY && c != '\n');
    }

    /** Where a match that begins at {@code from} ends: the longest or the shortest; -1 without a match. */
    private int matchEnd(int[] text, int from, boolean longest) {
        boolean[] states = new boolean[tokens.length + 1];
        states[0] = true;
        spread(states);
        int end = states[tokens.length] ? from : -1;
        if (end >= 0 && !longest) {
            return end;
        }
        for (int i = from; i < text.length; i++) {
            boolean alive = false;
            boolean before = states[0];
            states[0] = before && tokens.length > 0 && tokens[0] == MANY && text[i] != '\n';
            for (int s = 0; s < tokens.length; s++) {
                boolean keep = s + 1 < tokens.length && tokens[s + 1] == MANY && states[s + 1] && text[i] != '\n';
                boolean step = before && tokens[s] != MANY && accepts(tokens[s], text[i]);
                before = states[s + 1];
                states[s + 1] = keep || step;
            }
            spread(states);
            for (boolean state : states) {
                alive |= state;
            }
            if (states[tokens.length]) {
                end = i + 1;
                if (!longest) {
                    return end;
                }
            }
            if (!alive) {
                break;
            }
        }
        return end;
    }

    /** A {@code *} can stand for nothing. */
    private void spread(boolean[] states) {
        for (int s = 0; s < tokens.length; s++) {
            states[s + 1] |= states[s] && tokens[s] == MANY;
        }
    }

    private static int[] reversed(int[] values) {
        int[] reversed = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            reversed[i] = values[values.length - 1 - i];
        }
        return reversed;
    }
}
