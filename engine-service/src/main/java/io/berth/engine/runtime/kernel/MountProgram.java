package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.kernel.MountTargets.Target;
import io.berth.linux.Errno;
import io.berth.linux.abi.Architecture;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.LaunchProgramBuilder;
import io.berth.linux.mount.FileSystemMagic;
import java.util.List;

/**
 * The part of a container's launch program that attaches its mounts, once its own root is {@code /}.
 *
 * <p>A place inside an earlier mount can be under the influence of another container that runs already and shares a volume. The
 * host is out of reach by then; links of the kernel (/proc/self/fd and the like) are refused, and so is landing on /proc by
 * whatever link (CVE-2021-30465, CVE-2023-27561).
 *
 * @param attachments in order
 * @param directories to be made in what has been mounted
 */
record MountProgram(List<Attachment> attachments, List<Target> directories) {
    private static final int O_PATH = 010000000;
    private static final int O_CLOEXEC = 02000000;
    private static final int O_DIRECTORY = Architecture.CURRENT == Architecture.X86_64 ? 0200000 : 040000;
    private static final int S_IFREG = 0100000;
    private static final long NO_MAGICLINKS = 0x02;
    private static final long NO_SYMLINKS = 0x04;
    private static final long IN_ROOT = 0x10;

    MountProgram {
        attachments = List.copyOf(attachments);
        directories = List.copyOf(directories);
    }

    /**
     * A mount and its place.
     *
     * @param mount attached nowhere yet
     * @param directory whether its root is one
     * @param source for error messages
     * @param users whether a user asked for it
     */
    record Attachment(FdArgument mount, Target target, boolean directory, String source, boolean users) {}

    /** Whether a user's mount may have changed what is at a path. */
    boolean covers(String path) {
        for (Attachment attachment : attachments) {
            String target = attachment.target().path();
            if (attachment.users() && (path.equals(target) || path.startsWith(target + "/"))) {
                return true;
            }
        }
        return false;
    }

    void addTo(LaunchProgramBuilder program) {
        for (Attachment attachment : attachments) {
            Target target = attachment.target();
            makeMissing(program, target, attachment.directory());
            // Without anything to make, the place is one that the engine found or made where nobody else can be.
            long links = target.missing().isEmpty() ? NO_SYMLINKS : NO_MAGICLINKS;
            FdArgument place = program.named("open mount target " + target.path())
                    .files()
                    .openat2(FdArgument.CWD, target.path(), O_PATH | O_CLOEXEC, 0, IN_ROOT | links);
            if (!target.missing().isEmpty() && !target.existing().equals("/proc")) {
                program.files().checkNotFileSystem(place, target.path(), "proc", (int) FileSystemMagic.PROC);
            }
            program.named("mount " + attachment.source() + " on " + target.path())
                    .mounts()
                    .moveMount(attachment.mount(), place, "");
        }
        for (Target directory : directories) {
            makeMissing(program, directory, true);
        }
    }

    /** By descriptors and single names, so that nothing is made behind a link that is swapped in (CVE-2024-45310). */
    private static void makeMissing(LaunchProgramBuilder program, Target target, boolean directory) {
        String path = target.existing();
        List<String> missing = target.missing();
        for (int i = 0; i < missing.size(); i++) {
            String name = missing.get(i);
            FdArgument parent = program.named("open " + path)
                    .files()
                    .openat2(FdArgument.CWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, IN_ROOT | NO_MAGICLINKS);
            path = path + "/" + name;
            program.named("make " + path).tolerating(Errno.EEXIST);
            if (i < missing.size() - 1 || directory) {
                program.files().mkdirat(parent, name, 0755);
            } else {
                program.files().mknodat(parent, name, S_IFREG | 0644, 0);
            }
        }
    }
}
