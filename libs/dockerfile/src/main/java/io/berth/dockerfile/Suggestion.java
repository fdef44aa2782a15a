package io.berth.dockerfile;

import java.util.Collection;
import java.util.Locale;

/** What somebody may have meant: a known word that is at most two changes away (BuildKit {@code util/suggest}). */
final class Suggestion {
    private static final int TOO_FAR = 3;

    private Suggestion() {}

    /** The nearest word, or nothing when there is none near or the word itself is known. */
    static String search(String word, Collection<String> known, boolean caseMatters) {
        String wanted = caseMatters ? word : word.toLowerCase(Locale.ROOT);
        String nearest = "";
        int least = TOO_FAR;
        for (String option : known) {
            String candidate = caseMatters ? option : option.toLowerCase(Locale.ROOT);
            if (wanted.equals(candidate)) {
                return "";
            }
            if (Math.abs(wanted.length() - candidate.length()) < least) {
                int distance = distance(wanted, candidate);
                if (distance < least) {
                    nearest = caseMatters ? candidate : inCaseOf(candidate, word);
                    least = distance;
                }
            }
        }
        return nearest;
    }

    /** A message with what may have been meant. */
    static String append(String message, String word, Collection<String> known, boolean caseMatters) {
        String nearest = search(word, known, caseMatters);
        return nearest.isEmpty() ? message : message + " (did you mean " + nearest + "?)";
    }

    private static String inCaseOf(String word, String like) {
        return like.equals(like.toUpperCase(Locale.ROOT)) && !like.equals(like.toLowerCase(Locale.ROOT))
                ? word.toUpperCase(Locale.ROOT)
                : word;
    }

    private static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], above[j]) + 1, above[j - 1] + change);
            }
            above = row;
        }
        return above[b.length()];
    }
}
