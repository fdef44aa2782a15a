package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Signals by name; the numbers are those of Linux on x86-64 and aarch64 (signal(7)). */
public final class Signals {
    static final int SIGKILL = 9;
    static final int SIGTERM = 15;

    /** Those by which users ask a process to end: HUP and others often mean something else to it. */
    static final Set<Integer> TERMINATING = Set.of(2, 3, 6, SIGKILL, SIGTERM);

    private static final int MAX = 64;
    private static final Map<String, Integer> NUMBERS = Map.ofEntries(
            Map.entry("HUP", 1),
            Map.entry("INT", 2),
            Map.entry("QUIT", 3),
            Map.entry("ILL", 4),
            Map.entry("TRAP", 5),
            Map.entry("ABRT", 6),
            Map.entry("IOT", 6),
            Map.entry("BUS", 7),
            Map.entry("FPE", 8),
            Map.entry("KILL", SIGKILL),
            Map.entry("USR1", 10),
            Map.entry("SEGV", 11),
            Map.entry("USR2", 12),
            Map.entry("PIPE", 13),
            Map.entry("ALRM", 14),
            Map.entry("TERM", SIGTERM),
            Map.entry("STKFLT", 16),
            Map.entry("CHLD", 17),
            Map.entry("CLD", 17),
            Map.entry("CONT", 18),
            Map.entry("STOP", 19),
            Map.entry("TSTP", 20),
            Map.entry("TTIN", 21),
            Map.entry("TTOU", 22),
            Map.entry("URG", 23),
            Map.entry("XCPU", 24),
            Map.entry("XFSZ", 25),
            Map.entry("VTALRM", 26),
            Map.entry("PROF", 27),
            Map.entry("WINCH", 28),
            Map.entry("IO", 29),
            Map.entry("POLL", 29),
            Map.entry("PWR", 30),
            Map.entry("SYS", 31),
            Map.entry("RTMIN", 34),
            Map.entry("RTMAX", 64));

    private Signals() {}

    /**
     * Reads a number from 1 to 64 or a name, with or without SIG, in any case; {@code RTMIN+n} and {@code RTMAX-n} too.
     *
     * @throws InvalidParameter for anything else
     */
    public static int parse(String text) {
        if (text.matches("\\d{1,3}")) {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= MAX) {
                return number;
            }
            throw new InvalidParameter(
                    number > MAX ? "the linux daemon does not support signal " + number : "invalid signal: " + text);
        }
        String name = text.toUpperCase(Locale.ROOT);
        name = name.startsWith("SIG") ? name.substring(3) : name;
        @Nullable Integer number = NUMBERS.get(name);
        if (number != null) {
            return number;
        }
        if (name.matches("RTMIN\\+\\d{1,2}") && 34 + Integer.parseInt(name.substring(6)) <= MAX) {
            return 34 + Integer.parseInt(name.substring(6));
        }
        if (name.matches("RTMAX-\\d{1,2}") && MAX - Integer.parseInt(name.substring(6)) >= 34) {
            return MAX - Integer.parseInt(name.substring(6));
        }
        throw new InvalidParameter("invalid signal: " + text);
    }
}
