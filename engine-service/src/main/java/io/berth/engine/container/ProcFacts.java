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
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What ps tells of one process, from /proc/&lt;pid&gt; (proc_pid_stat(5)). */
final class ProcFacts {
    /** The fields by ps's names, with the titles that it gives them. */
    static final Map<String, String> TITLES = Map.ofEntries(
            Map.entry("user", "USER"),
            Map.entry("euser", "EUSER"),
            Map.entry("uid", "UID"),
            Map.entry("pid", "PID"),
            Map.entry("ppid", "PPID"),
            Map.entry("pgid", "PGID"),
            Map.entry("sid", "SID"),
            Map.entry("sess", "SESS"),
            Map.entry("c", "C"),
            Map.entry("stime", "STIME"),
            Map.entry("start_time", "START"),
            Map.entry("etime", "ELAPSED"),
            Map.entry("etimes", "ELAPSED"),
            Map.entry("tty", "TT"),
            Map.entry("tt", "TT"),
            Map.entry("tname", "TTY"),
            Map.entry("time", "TIME"),
            Map.entry("cputime", "TIME"),
            Map.entry("bsdtime", "TIME"),
            Map.entry("cmd", "CMD"),
            Map.entry("args", "COMMAND"),
            Map.entry("command", "COMMAND"),
            Map.entry("comm", "COMMAND"),
            Map.entry("ucmd", "CMD"),
            Map.entry("stat", "STAT"),
            Map.entry("s", "S"),
            Map.entry("state", "S"),
            Map.entry("ni", "NI"),
            Map.entry("nice", "NI"),
            Map.entry("pri", "PRI"),
            Map.entry("nlwp", "NLWP"),
            Map.entry("thcount", "THCNT"),
            Map.entry("vsz", "VSZ"),
            Map.entry("rss", "RSS"),
            Map.entry("%cpu", "%CPU"),
            Map.entry("pcpu", "%CPU"),
            Map.entry("%mem", "%MEM"),
            Map.entry("pmem", "%MEM"));

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

    /** The host's names of users by number, as ps shows them. */
    static Map<String, String> users() {
        Map<String, String> users = new HashMap<>();
        try {
            for (String line : text(Path.of("/etc/passwd")).split("\n")) {
                String[] fields = line.split(":");
                if (fields.length > 2) {
                    users.putIfAbsent(fields[2], fields[0]);
                }
            }
        } catch (IOException e) {
            return Map.of("0", "root");
        }
        return users;
    }

    /** A value as ps prints it. */
    String column(String name, Map<String, String> users) {
        return switch (name) {
            case "user", "euser" -> users.getOrDefault(uid, uid);
            case "uid" -> uid;
            case "pid" -> Long.toString(pid);
            case "ppid" -> field(4);
            case "pgid" -> field(5);
            case "sid", "sess" -> field(6);
            case "c" -> Long.toString(Math.min(99, Math.round(cpuPercent())));
            case "%cpu", "pcpu" -> String.format(Locale.ROOT, "%.1f", cpuPercent());
            case "%mem", "pmem" -> String.format(Locale.ROOT, "%.1f", 100.0 * residentKib() / totalKib());
            case "stime", "start_time" -> startTime();
            case "etime" -> elapsed();
            case "etimes" -> Long.toString((long) ageSeconds());
            case "tty", "tt", "tname" -> terminal();
            case "time", "cputime" -> cpuTime();
            case "bsdtime" -> bsdTime();
            case "args", "command", "cmd" -> arguments.isEmpty() ? "[" + command + "]" + defunct() : arguments;
            case "comm", "ucmd" -> command + defunct();
            case "stat" -> field(3) + flags();
            case "s", "state" -> field(3);
            case "ni", "nice" -> field(19);
            case "pri" -> Long.toString(39 - Long.parseLong(field(18)));
            case "nlwp", "thcount" -> field(20);
            case "vsz" -> Long.toString(Long.parseLong(field(23)) / 1024);
            case "rss" -> Long.toString(residentKib());
            default -> "-";
        };
    }

    private String defunct() {
        return field(3).equals("Z") ? " <defunct>" : "";
    }

    /** Priority, session leader, threads, foreground, in ps's order. */
    private String flags() {
        long nice = Long.parseLong(field(19));
        String priority = "";
        if (nice != 0) {
            priority = nice < 0 ? "<" : "N";
        }
        return priority
                + (field(6).equals(Long.toString(pid)) ? "s" : "")
                + (Long.parseLong(field(20)) > 1 ? "l" : "")
                + (field(8).equals(field(5)) ? "+" : "");
    }

    private String elapsed() {
        Duration age = Duration.ofSeconds((long) ageSeconds());
        String clock = String.format(Locale.ROOT, "%02d:%02d", age.toMinutesPart(), age.toSecondsPart());
        if (age.toHours() == 0) {
            return clock;
        }
        String hours = String.format(Locale.ROOT, "%02d:", age.toHoursPart()) + clock;
        return age.toDays() == 0 ? hours : age.toDays() + "-" + hours;
    }

    private String bsdTime() {
        long seconds = cpuTicks() / TICKS_PER_SECOND;
        return String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
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
