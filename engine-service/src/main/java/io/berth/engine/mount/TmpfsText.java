package io.berth.engine.mount;

import io.berth.docker.container.Mount.TmpfsOptions;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.MountLaunch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Options of tmpfs mounts as text, such as {@code ro,size=64m,mode=1777} (moby: sys/mount, MergeTmpfsOptions). */
final class TmpfsText {
    private static final int DEFAULT_MODE = 01777;
    private static final Set<String> MOUNT_OPTIONS = Set.of("exec", "noexec");
    private static final Set<String> KEYS = Set.of("size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([kmgtKMGT]?)(%?)");

    /** Words by the flag that they set or take away: of each pair the last one counts. */
    private static final Map<String, String> FLAGS = Map.ofEntries(
            Map.entry("ro", "ro"),
            Map.entry("rw", "ro"),
            Map.entry("nosuid", "nosuid"),
            Map.entry("suid", "nosuid"),
            Map.entry("nodev", "nodev"),
            Map.entry("dev", "nodev"),
            Map.entry("noexec", "noexec"),
            Map.entry("exec", "noexec"),
            Map.entry("noatime", "noatime"),
            Map.entry("atime", "noatime"),
            Map.entry("nodiratime", "nodiratime"),
            Map.entry("diratime", "nodiratime"),
            Map.entry("strictatime", "strictatime"),
            Map.entry("nostrictatime", "strictatime"),
            Map.entry("relatime", "relatime"),
            Map.entry("norelatime", "relatime"),
            Map.entry("sync", "sync"),
            Map.entry("async", "sync"),
            Map.entry("dirsync", "dirsync"),
            Map.entry("mand", "mand"),
            Map.entry("nomand", "mand"));

    /** Without meaning for a file system that begins empty, and accepted all the same. */
    private static final Set<String> PROPAGATION =
            Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable");

    private TmpfsText() {}

    /**
     * Options of HostConfig.Mounts as text.
     *
     * @throws InvalidParameter when there is one that makes no sense
     */
    static String of(@Nullable TmpfsOptions options, boolean readOnly) {
        List<String> words = new ArrayList<>();
        if (readOnly) {
            words.add("ro");
        }
        if (options == null) {
            return String.join(",", words);
        }
        if (options.mode() != 0) {
            words.add("mode=" + Integer.toOctalString(options.mode()));
        }
        if (options.sizeBytes() != 0) {
            words.add("size=" + options.sizeBytes());
        }
        for (List<String> option : options.options() == null ? List.<List<String>>of() : options.options()) {
            if (option.isEmpty() || option.size() > 2) {
                throw new InvalidParameter("invalid option array length");
            }
            if (!MOUNT_OPTIONS.contains(option.getFirst())) {
                throw new InvalidParameter("invalid option: " + option.getFirst());
            }
            words.add(String.join("=", option));
        }
        return String.join(",", words);
    }

    /**
     * What text means; of what is given twice the last counts.
     *
     * @throws InvalidParameter for an unknown option or a wrong value
     */
    static MountLaunch.Tmpfs parse(String destination, String text) {
        Map<String, String> flags = new LinkedHashMap<>();
        List.of("noexec", "nosuid", "nodev").forEach(flag -> flags.put(flag, flag));
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : text.isEmpty() ? List.<String>of() : List.of(text.split(",", -1))) {
            int equals = word.indexOf('=');
            @Nullable String flag = FLAGS.get(word);
            if (flag != null) {
                flags.put(flag, word);
            } else if (equals > 0 && KEYS.contains(word.substring(0, equals))) {
                values.put(word.substring(0, equals), word.substring(equals + 1));
            } else if (!word.equals("defaults") && !PROPAGATION.contains(word)) {
                throw invalid(word);
            }
        }
        Set<String> set = new LinkedHashSet<>();
        flags.forEach((flag, word) -> {
            if (flag.equals(word)) {
                set.add(flag);
            }
        });
        List<String> further = new ArrayList<>();
        values.forEach((key, value) -> {
            if (!key.equals("size") && !key.equals("mode")) {
                further.add(key + "=" + value);
            }
        });
        @Nullable String size = values.get("size");
        long bytes = size == null ? 0 : bytes(size);
        if (size != null && bytes < 0) {
            // A share of the memory, which the kernel works out.
            further.add("size=" + size);
            bytes = 0;
        }
        return new MountLaunch.Tmpfs(destination, bytes, mode(values.get("mode")), set, further);
    }

    private static int mode(@Nullable String octal) {
        if (octal == null) {
            return DEFAULT_MODE;
        }
        if (!octal.matches("[0-7]{1,6}")) {
            throw invalid("mode=" + octal);
        }
        return Integer.parseInt(octal, 8);
    }

    /** Negative for a share. */
    private static long bytes(String size) {
        Matcher matcher = SIZE.matcher(size);
        if (!matcher.matches()) {
            throw invalid("size=" + size);
        }
        if (!matcher.group(3).isEmpty()) {
            return -1;
        }
        int shift =
                switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
                    case "k" -> 10;
                    case "m" -> 20;
                    case "g" -> 30;
                    case "t" -> 40;
                    default -> 0;
                };
        long value = Long.parseLong(matcher.group(1));
        if (value > Long.MAX_VALUE >> shift) {
            throw invalid("size=" + size);
        }
        return value << shift;
    }

    private static InvalidParameter invalid(String option) {
        return new InvalidParameter("invalid tmpfs option \"" + option + "\"");
    }
}
