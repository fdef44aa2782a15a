package io.berth.engine.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What ps tells of one process, from /proc/&lt;pid&gt; (proc_pid_stat(5)). */
final class ProcFacts {
    private static final Set<String> COLUMNS = Set.of(
            "UID", "USER", "PID", "PPID", "C", "STIME", "START", "TTY", "TIME", "CMD", "COMMAND", "COMM", "STAT", "VSZ",
            "RSS", "%CPU", "PCPU", "%MEM", "PMEM");
    private static final long TICKS_PER_SECOND = 100;
    private static final long PAGE_KIB = 4;
    private static final int TTY_MAJOR_PTS = 136;

    private final long pid;
    private final String[] stat;
    private final String command;
    private final String arguments;
    private final String uid;
    private final double uptimeSeconds;

    private ProcFacts(long pid, String[] stat, String command, String arguments, String uid, double uptimeSeconds) {
        this.pid = pid;
        this.stat = stat;
        this.command = command;
        this.arguments = arguments;
        this.uid = uid;
        this.uptimeSeconds = uptimeSeconds;
    }

    /** Empty when the process has ended. */
    static Optional<ProcFacts> read(long pid) {
        Path directory = Path.of("/proc", Long.toString(pid));
        try {
            String line = text(directory.resolve("stat"));
            int close = line.lastIndexOf(')');
            String command = line.substring(line.indexOf('(') + 1, close);
            String arguments =
                    text(directory.resolve("cmdline")).replace('\0', ' ').strip();
            String uid = text(directory.resolve("status"))
                    .lines()
                    .filter(entry -> entry.startsWith("Uid:"))
                    .map(entry -> entry.split("\\s+")[1])
                    .findFirst()
                    .orElse("?");
            double uptime = Double.parseDouble(text(Path.of("/proc/uptime")).split(" ")[0]);
            return Optional.of(
                    new ProcFacts(pid, line.substring(close + 2).split(" "), command, arguments, uid, uptime));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    static boolean knows(String column) {
        return COLUMNS.contains(column);
    }

    /** A value as ps prints it. */
    String column(String name) {
        return switch (name) {
            case "UID", "USER" -> uid.equals("0") ? "root" : uid;
            case "PID" -> Long.toString(pid);
            case "PPID" -> field(4);
            case "C" -> Long.toString(Math.round(cpuPercent()));
            case "%CPU", "PCPU" -> String.format(Locale.ROOT, "%.1f", cpuPercent());
            case "%MEM", "PMEM" -> String.format(Locale.ROOT, "%.1f", 100.0 * residentKib() / totalKib());
            case "STIME", "START" -> startTime();
            case "TTY" -> terminal();
            case "TIME" -> cpuTime();
            case "CMD", "COMMAND" -> arguments.isEmpty() ? "[" + command + "]" : arguments;
            case "COMM" -> command;
            case "STAT" -> field(3);
            case "VSZ" -> Long.toString(Long.parseLong(field(23)) / 1024);
            case "RSS" -> Long.toString(residentKib());
            default -> "-";
        };
    }

    /** Fields are counted from 1, as in the man page; the array begins with the third. */
    private String field(int number) {
        return stat[number - 3];
    }

    private long cpuTicks() {
        return Long.parseLong(field(14)) + Long.parseLong(field(15));
    }

    private double ageSeconds() {
        return Math.max(0.01, uptimeSeconds - (double) Long.parseLong(field(22)) / TICKS_PER_SECOND);
    }

    private double cpuPercent() {
        return 100.0 * cpuTicks() / TICKS_PER_SECOND / ageSeconds();
    }

    private long residentKib() {
        return Long.parseLong(field(24)) * PAGE_KIB;
    }

    private static long totalKib() {
        try {
            return Long.parseLong(text(Path.of("/proc/meminfo")).split("\\s+")[1]);
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    private String startTime() {
        ZonedDateTime start = Instant.now()
                .minus(Duration.ofMillis((long) (ageSeconds() * 1000)))
                .atZone(ZoneId.systemDefault());
        boolean today = start.toLocalDate().equals(LocalDate.now(ZoneId.systemDefault()));
        return DateTimeFormatter.ofPattern(today ? "HH:mm" : "MMMdd", Locale.ROOT)
                .format(start);
    }

    private String terminal() {
        int device = Integer.parseInt(field(7));
        int major = (device >> 8) & 0xfff;
        if (device == 0) {
            return "?";
        }
        return major == TTY_MAJOR_PTS ? "pts/" + (device & 0xff) : "tty" + (device & 0xff);
    }

    private String cpuTime() {
        long seconds = cpuTicks() / TICKS_PER_SECOND;
        return String.format(Locale.ROOT, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
