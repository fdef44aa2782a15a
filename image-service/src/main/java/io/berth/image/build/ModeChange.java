package io.berth.image.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mode as chmod(1) takes it: octal, or symbolic such as {@code u=rwX,go-w}. Immutable.
 *
 * @param octal the whole mode, or -1
 */
record ModeChange(int octal, List<Clause> clauses) {
    private static final Pattern OCTAL = Pattern.compile("0*[0-7]{1,4}");
    private static final Pattern CLAUSE = Pattern.compile("([ugoa]*)((?:[-+=][rwxXst]*)++)");
    private static final Pattern ACTION = Pattern.compile("([-+=])([rwxXst]*)");

    record Clause(String who, char operator, String permissions) {}

    ModeChange {
        clauses = List.copyOf(clauses);
    }

    /**
     * Reads one.
     *
     * @throws BuildFailure when it is none
     */
    static ModeChange parse(String text) {
        if (OCTAL.matcher(text).matches()) {
            return new ModeChange(Integer.parseInt(text, 8), List.of());
        }
        List<Clause> clauses = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher clause = CLAUSE.matcher(part);
            if (!clause.matches()) {
                throw new BuildFailure("invalid chmod parameter: '" + text
                        + "'. it should be octal string and between 0 and 07777, or a symbolic mode");
            }
            Matcher action = ACTION.matcher(clause.group(2));
            while (action.find()) {
                String who = clause.group(1).isEmpty() ? "a" : clause.group(1);
                clauses.add(new Clause(who, action.group(1).charAt(0), action.group(2)));
            }
        }
        return new ModeChange(-1, clauses);
    }

    /** The new permission bits of a file that has some. */
    int apply(int permissions, boolean directory) {
        if (octal >= 0) {
            return octal;
        }
        int mode = permissions;
        for (Clause clause : clauses) {
            mode = apply(mode, clause, directory);
        }
        return mode;
    }

    private static int apply(int mode, Clause clause, boolean directory) {
        boolean everyone = clause.who().contains("a");
        boolean user = everyone || clause.who().contains("u");
        boolean group = everyone || clause.who().contains("g");
        boolean others = everyone || clause.who().contains("o");
        int bits = 0;
        for (char permission : clause.permissions().toLowerCase(Locale.ROOT).toCharArray()) {
            bits |= switch (permission) {
                case 'r' -> 4;
                case 'w' -> 2;
                case 'x' -> executable(clause, mode, directory) ? 1 : 0;
                default -> 0;
            };
        }
        int mask = (user ? 0700 : 0) | (group ? 070 : 0) | (others ? 07 : 0);
        int wanted = (bits << 6 | bits << 3 | bits) & mask;
        if (clause.permissions().contains("s")) {
            wanted |= (user ? 04000 : 0) | (group ? 02000 : 0);
        }
        if (clause.permissions().contains("t")) {
            wanted |= 01000;
        }
        return switch (clause.operator()) {
            case '+' -> mode | wanted;
            case '-' -> mode & ~wanted;
            default -> (mode & ~(mask | (user ? 04000 : 0) | (group ? 02000 : 0))) | wanted;
        };
    }

    /** {@code X} is for directories, and for what somebody may execute already. */
    private static boolean executable(Clause clause, int mode, boolean directory) {
        return clause.permissions().contains("x") || directory || (mode & 0111) != 0;
    }
}
