package io.berth.dockerfile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code RUN --mount}, its variables filled in. Paths are as written: whoever mounts resolves them inside the roots they belong to.
 * Owners and modes are -1 when not given, so that each user can apply its default (cache: 0, 0, 0755; secret: 0, 0, 0400; ssh: 0, 0,
 * 0600).
 */
public sealed interface RunMount {
    /**
     * {@code type=bind}: writes are allowed if asked for, and thrown away.
     *
     * @param target empty or relative: below the working directory
     * @param from a stage, a context or an image; null for the context
     * @param source below {@code from}, empty for its root
     */
    record Bind(String target, @Nullable String from, String source, boolean readOnly) implements RunMount {}

    /**
     * {@code type=cache}.
     *
     * @param id the target when not given
     * @param from what a new cache begins with; null for an empty directory
     * @param source below {@code from}
     * @param mode -1 when not given
     * @param uid -1 when not given
     * @param gid -1 when not given
     */
    record Cache(
            String target,
            String id,
            CacheSharing sharing,
            boolean readOnly,
            @Nullable String from,
            String source,
            int mode,
            long uid,
            long gid)
            implements RunMount {}

    /**
     * {@code type=tmpfs}.
     *
     * @param sizeBytes 0 for no limit of its own
     */
    record Tmpfs(String target, long sizeBytes) implements RunMount {}

    /**
     * {@code type=secret}.
     *
     * @param target null when it is not to be a file
     * @param variable null when it is not to be a variable
     */
    record Secret(
            String id,
            @Nullable String target,
            @Nullable String variable,
            boolean required,
            int mode,
            long uid,
            long gid)
            implements RunMount {}

    /**
     * {@code type=ssh}.
     *
     * @param id {@code default} when not given
     * @param target null: {@code /run/buildkit/ssh_agent.<n>}
     */
    record Ssh(String id, @Nullable String target, boolean required, int mode, long uid, long gid)
            implements RunMount {}

    /** {@code sharing=} of a cache. */
    enum CacheSharing {
        SHARED,
        PRIVATE,
        LOCKED
    }

    /**
     * The mounts of an instruction.
     *
     * @throws DockerfileException for one that is malformed
     */
    static List<RunMount> of(Instruction.Run run, Expansion expansion, Variables variables) {
        try {
            return run.mountFlags().stream()
                    .map(flag -> MountParser.parse(
                            flag, word -> expansion.word(word, variables).text()))
                    .toList();
        } catch (DockerfileException e) {
            throw e.at(run.lines());
        }
    }
}
