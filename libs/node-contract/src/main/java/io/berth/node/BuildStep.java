package io.berth.node;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One command of a build, which the engine runs as a container that nobody else sees.
 *
 * <p>{@code POST} {@link #PATH} runs it. The response is a stream of frames as attach has them (Engine API, "Stream format"):
 * output of the command, now and then an empty frame so that either side notices the other's end, and at last one of type 3
 * that holds a {@link Result} as JSON. A request that is wrong is refused with a status before that.
 *
 * @param id 64 hex digits, the caller's choice
 * @param layers directories of the root's layers, absolute, bottom first
 * @param upperDirectory absolute path that does not exist, in a directory of the same file system as the engine's data: what
 *     the command has written is put there, as the upper directory of an overlay, when it has ended with 0
 * @param argv program and arguments
 * @param env complete but for PATH and HOME, which are filled in when missing
 * @param workingDirectory absolute, made when missing
 * @param user Docker's form
 * @param network name of a network, or {@code host} or {@code none}
 * @param insecure with all capabilities and devices, and nothing masked
 * @param extraHosts {@code name:address}
 */
public record BuildStep(
        String id,
        List<String> layers,
        String upperDirectory,
        List<String> argv,
        List<String> env,
        String workingDirectory,
        String user,
        String hostname,
        String network,
        boolean insecure,
        List<String> extraHosts,
        Limits limits,
        List<StepMount> mounts) {
    /** Where steps are run, and below it stopped. */
    public static final String PATH = "/node/v1/build-steps";

    public BuildStep {
        layers = List.copyOf(layers);
        argv = List.copyOf(argv);
        env = List.copyOf(env);
        extraHosts = List.copyOf(extraHosts);
        mounts = List.copyOf(mounts);
    }

    /**
     * What the command may use, in the units of Docker's HostConfig; zero and empty are unlimited.
     *
     * @param shmSize zero is the default
     * @param ulimits {@code name=soft[:hard]}
     */
    public record Limits(
            long memory,
            long memorySwap,
            long cpuShares,
            long cpuPeriod,
            long cpuQuota,
            String cpusetCpus,
            String cpusetMems,
            long shmSize,
            String cgroupParent,
            List<String> ulimits) {
        /** None. */
        public static final Limits NONE = new Limits(0, 0, 0, 0, 0, "", "", 0, "", List.of());

        public Limits {
            ulimits = List.copyOf(ulimits);
        }
    }

    /**
     * What is mounted while the command runs, at a path that is made when missing.
     *
     * @param type which of the following are looked at
     * @param target absolute inside the container
     * @param source of a {@code BIND}: absolute path on the host
     * @param subpath of {@code BIND} and {@code LAYERS}: below the source, no link of which leads out of it; may be empty
     * @param layers of {@code LAYERS}: directories, bottom first, seen as one and read-only
     * @param readOnly of a {@code BIND}
     * @param content of a {@code FILE}: base64; it is kept in memory only
     * @param mode of a {@code FILE}: permission bits; of a {@code MEMORY}: those of its root
     * @param sizeBytes of a {@code MEMORY}: zero is the kernel's default
     */
    public record StepMount(
            Type type,
            String target,
            @Nullable String source,
            String subpath,
            List<String> layers,
            boolean readOnly,
            @Nullable String content,
            int mode,
            int uid,
            int gid,
            long sizeBytes) {
        public StepMount {
            layers = List.copyOf(layers);
        }

        /** Kinds of mounts. */
        public enum Type {
            BIND,
            LAYERS,
            MEMORY,
            FILE
        }

        /** A directory or file of the host. */
        public static StepMount bind(String target, String source, String subpath, boolean readOnly) {
            return new StepMount(Type.BIND, target, source, subpath, List.of(), readOnly, null, 0, 0, 0, 0);
        }

        /** The files of some layers, read-only. */
        public static StepMount layers(String target, List<String> layers, String subpath) {
            return new StepMount(Type.LAYERS, target, null, subpath, layers, true, null, 0, 0, 0, 0);
        }

        /** A file system in memory. */
        public static StepMount memory(String target, long sizeBytes) {
            return new StepMount(Type.MEMORY, target, null, "", List.of(), false, null, 01777, 0, 0, sizeBytes);
        }

        /** A read-only file that is in memory only. */
        public static StepMount file(String target, String base64, int mode, int uid, int gid) {
            return new StepMount(Type.FILE, target, null, "", List.of(), true, base64, mode, uid, gid, 0);
        }
    }

    /**
     * How it ended.
     *
     * @param exitCode as a shell has it; 127 when the program was not found
     * @param error why it could not be run, or empty
     */
    public record Result(int exitCode, boolean outOfMemory, String error) {}
}
