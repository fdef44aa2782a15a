package io.berth.linux.mount;

import io.berth.linux.FileNameCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code /proc/<pid>/mountinfo} (man 5 proc_pid_mountinfo), such as
 * {@code 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue}. Paths are unescaped.
 *
 * @param id of the mount; reused after it is gone
 * @param parentId of the mount it is on
 * @param deviceMajor of files in it
 * @param deviceMinor of files in it
 * @param root the directory of the file system that is its root
 * @param mountPoint relative to the reader's root
 * @param options of this mount, such as {@code ro} and {@code nosuid}
 * @param peerGroup of a shared mount, else 0
 * @param masterGroup of a slave mount, else 0
 * @param type such as {@code ext4}
 * @param source such as {@code /dev/vda}
 * @param superOptions of the file system
 */
public record MountInfo(
        int id,
        int parentId,
        int deviceMajor,
        int deviceMinor,
        String root,
        String mountPoint,
        List<String> options,
        int peerGroup,
        int masterGroup,
        String type,
        String source,
        List<String> superOptions) {
    public MountInfo {
        options = List.copyOf(options);
        superOptions = List.copyOf(superOptions);
    }

    /** The mounts of this process, in the kernel's order: of two on one mount point the later is on top. */
    public static List<MountInfo> ofSelf() {
        return read(Path.of("/proc/self/mountinfo"));
    }

    /** Reads a mountinfo file. */
    public static List<MountInfo> read(Path file) {
        try {
            return parse(FileNameCodec.decode(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Parses the whole text of a mountinfo file. */
    public static List<MountInfo> parse(String text) {
        List<MountInfo> mounts = new ArrayList<>();
        for (String line : text.split("\n")) {
            if (!line.isEmpty()) {
                mounts.add(parseLine(line));
            }
        }
        return mounts;
    }

    /**
     * Parses one line.
     *
     * @throws IllegalArgumentException when it does not have the documented shape
     */
    public static MountInfo parseLine(String line) {
        String[] fields = line.split(" ", -1);
        int peerGroup = 0;
        int masterGroup = 0;
        int at = 6;
        while (at < fields.length && !fields[at].equals("-")) {
            peerGroup = Math.max(peerGroup, tag(fields[at], "shared:"));
            masterGroup = Math.max(masterGroup, tag(fields[at], "master:"));
            at++;
        }
        // Old kernels leave the source empty but keep its place; the type is always there.
        if (at + 2 >= fields.length) {
            throw new IllegalArgumentException("mountinfo line: " + FileNameCodec.printable(line));
        }
        String[] device = fields[2].split(":", 2);
        if (device.length < 2) {
            throw new IllegalArgumentException("mountinfo line: " + FileNameCodec.printable(line));
        }
        return new MountInfo(
                Integer.parseInt(fields[0]),
                Integer.parseInt(fields[1]),
                Integer.parseInt(device[0]),
                Integer.parseInt(device[1]),
                unescape(fields[3]),
                unescape(fields[4]),
                List.of(fields[5].split(",")),
                peerGroup,
                masterGroup,
                unescape(fields[at + 1]),
                unescape(fields[at + 2]),
                at + 3 < fields.length ? List.of(fields[at + 3].split(",")) : List.of());
    }

    private static int tag(String field, String name) {
        return field.startsWith(name) ? Integer.parseInt(field.substring(name.length())) : 0;
    }

    /** Undoes the octal escapes of space, tab, newline, backslash and {@code #}. */
    private static String unescape(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        StringBuilder text = new StringBuilder(field.length());
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\'
                    && i + 3 < field.length()
                    && field.substring(i + 1, i + 4).matches("[0-3][0-7]{2}")) {
                text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /** The mount that a path is on: the topmost with the longest mount point that the absolute path begins with. */
    public static @Nullable MountInfo containing(List<MountInfo> mounts, Path path) {
        MountInfo found = null;
        for (MountInfo mount : mounts) {
            boolean longer = found == null || mount.mountPoint.length() >= found.mountPoint.length();
            if (longer && path.startsWith(Path.of(mount.mountPoint))) {
                found = mount;
            }
        }
        return found;
    }
}
