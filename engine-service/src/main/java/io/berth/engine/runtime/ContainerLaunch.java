package io.berth.engine.runtime;

import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.cgroup.CgroupLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything the kernel has to be told to start a container. Values are final: defaults of image and engine are already
 * merged in.
 *
 * @param directory the container's own directory; {@code upper} and {@code work} of its writable layer are
 *     made below it when missing
 * @param layers directories of the image's layers, bottom first; may be empty
 * @param process what to run
 * @param hostname 1 to 64 bytes
 * @param domainname or empty
 * @param limits what differs from the kernel's defaults
 * @param readonlyRoot whether the root is mounted read-only
 * @param privileged all capabilities, no masked or read-only paths, all devices
 * @param maskedPaths absolute paths inside the container that are hidden
 * @param readonlyPaths absolute paths inside the container that are made read-only
 * @param shmSizeBytes of /dev/shm; zero for none. Not looked at where the IPC namespace is another's, whose /dev/shm is shared
 * @param mounts in the order in which they are mounted: a parent before what is below it
 * @param isolation namespaces and user ids
 * @param devices beside those that every container has
 * @param init whether a small init of the engine's is process 1, which forwards signals to the program and reaps orphans
 * @param cgroupParent path, from the root of each hierarchy, of the group below which the container's group is made; empty for the engine's own
 * @param files small text files that are placed over /etc/hostname, /etc/hosts, /etc/resolv.conf: path inside to the path of
 *     the file on the host
 */
public record ContainerLaunch(
        ContainerId id,
        Path directory,
        List<Path> layers,
        ProcessLaunch process,
        String hostname,
        String domainname,
        CgroupLimits limits,
        boolean readonlyRoot,
        boolean privileged,
        List<String> maskedPaths,
        List<String> readonlyPaths,
        long shmSizeBytes,
        List<MountLaunch> mounts,
        Isolation isolation,
        DeviceLaunch devices,
        boolean init,
        String cgroupParent,
        Map<String, Path> files) {

    public ContainerLaunch {
        layers = List.copyOf(layers);
        maskedPaths = List.copyOf(maskedPaths);
        readonlyPaths = List.copyOf(readonlyPaths);
        mounts = List.copyOf(mounts);
        files = Map.copyOf(files);
    }

    /** The same with these mounts in place of its own. */
    public ContainerLaunch withMounts(List<MountLaunch> changed) {
        return new ContainerLaunch(
                id,
                directory,
                layers,
                process,
                hostname,
                domainname,
                limits,
                readonlyRoot,
                privileged,
                maskedPaths,
                readonlyPaths,
                shmSizeBytes,
                changed,
                isolation,
                devices,
                init,
                cgroupParent,
                files);
    }

    /**
     * A process as it is executed.
     *
     * @param argv program and arguments; a program without a slash is looked up in PATH of {@code env} inside the container
     * @param env entries {@code NAME=value}, complete: nothing of the engine's own environment is added; HOME is added by
     *     the runtime from the image's passwd file when missing
     * @param workingDirectory absolute path inside the container, made when missing ({@code /} when empty)
     * @param user Docker's form: {@code ""}, {@code name}, {@code uid}, {@code name:group}, {@code uid:gid}…; resolved against
     *     the container's own passwd and group files
     * @param groupAdd further groups, by name or id
     * @param capabilities bounding, permitted and effective set
     * @param noNewPrivileges set PR_SET_NO_NEW_PRIVS
     * @param seccomp profile to load
     * @param appArmorProfile name of a profile that the kernel knows; empty for none
     * @param rlimits soft and hard limits by lower-case name without RLIMIT_, such as {@code nofile}
     * @param oomScoreAdj -1000 to 1000
     * @param windowSize initial size of the terminal, or null
     */
    public record ProcessLaunch(
            List<String> argv,
            List<String> env,
            String workingDirectory,
            String user,
            List<String> groupAdd,
            CapabilitySet capabilities,
            boolean noNewPrivileges,
            SeccompChoice seccomp,
            String appArmorProfile,
            Map<String, Rlimit> rlimits,
            int oomScoreAdj,
            StdioMode stdio,
            @Nullable WindowSize windowSize) {

        public ProcessLaunch {
            argv = List.copyOf(argv);
            env = List.copyOf(env);
            groupAdd = List.copyOf(groupAdd);
            rlimits = Map.copyOf(rlimits);
        }
    }

    /** Limits in the unit of the resource; -1 is unlimited. */
    public record Rlimit(long soft, long hard) {}

    /** Which seccomp filter a process gets. */
    public sealed interface SeccompChoice {
        /** The built-in default profile. */
        record Default() implements SeccompChoice {}

        /** None at all. */
        record Unconfined() implements SeccompChoice {}

        /** A profile of the user's, in Docker's JSON format. */
        record Custom(String profileJson) implements SeccompChoice {}
    }

    /** Size of a terminal in characters. */
    public record WindowSize(int rows, int columns) {}
}
