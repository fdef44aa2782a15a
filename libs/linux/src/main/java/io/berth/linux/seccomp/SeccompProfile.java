package io.berth.linux.seccomp;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A seccomp profile as Docker takes it in JSON ({@code --security-opt seccomp=profile.json}; moby profiles/seccomp). The
 * components are named as the fields, so that a JSON library can bind it as it is; fields that are left out or null are
 * empty lists or null here.
 *
 * <pre>{@code
 * {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
 *  "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}],
 *  "syscalls": [{"names": ["clone"], "action": "SCMP_ACT_ALLOW",
 *                "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}],
 *                "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390"]}}]}
 * }</pre>
 *
 * @param defaultAction what happens to calls that no rule matches, such as {@code SCMP_ACT_ERRNO}
 * @param defaultErrnoRet the error number that goes with it; null means EPERM
 * @param archMap families of architectures: the one of this machine says which others are filtered by the same rules
 * @param architectures instead of {@code archMap}, the architectures to filter
 * @param flags such as {@code SECCOMP_FILTER_FLAG_LOG}; null means Berth's default
 * @param syscalls the rules
 */
public record SeccompProfile(
        String defaultAction,
        @Nullable Integer defaultErrnoRet,
        List<ArchMap> archMap,
        List<String> architectures,
        @Nullable List<String> flags,
        List<Rule> syscalls) {

    public SeccompProfile(
            @Nullable String defaultAction,
            @Nullable Integer defaultErrnoRet,
            @Nullable List<ArchMap> archMap,
            @Nullable List<String> architectures,
            @Nullable List<String> flags,
            @Nullable List<Rule> syscalls) {
        if (defaultAction == null) {
            throw new IllegalArgumentException("seccomp profile: no defaultAction");
        }
        this.defaultAction = defaultAction;
        this.defaultErrnoRet = defaultErrnoRet;
        this.archMap = listOf(archMap);
        this.architectures = listOf(architectures);
        this.flags = flags == null ? null : List.copyOf(flags);
        this.syscalls = listOf(syscalls);
        if (!this.archMap.isEmpty() && !this.architectures.isEmpty()) {
            throw new IllegalArgumentException(
                    "both 'architectures' and 'archMap' are specified in the seccomp profile, use either one");
        }
    }

    /**
     * An architecture and those whose programs the same kernel runs.
     *
     * @param architecture such as {@code SCMP_ARCH_X86_64}
     * @param subArchitectures such as {@code SCMP_ARCH_X86}
     */
    public record ArchMap(String architecture, List<String> subArchitectures) {
        public ArchMap(@Nullable String architecture, @Nullable List<String> subArchitectures) {
            this.architecture = architecture == null ? "" : architecture;
            this.subArchitectures = listOf(subArchitectures);
        }
    }

    /**
     * What happens to some calls.
     *
     * @param names of calls; those that an architecture does not have are ignored
     * @param name a single name, an older form; not together with {@code names}
     * @param action such as {@code SCMP_ACT_ALLOW}
     * @param errnoRet the error number that goes with it; null means EPERM
     * @param args all must match; if two are about the same argument, one must (as runc does it)
     * @param comment for people
     * @param includes the rule counts only when all of this holds
     * @param excludes the rule does not count when any of this holds
     */
    public record Rule(
            List<String> names,
            @Nullable String name,
            String action,
            @Nullable Integer errnoRet,
            List<Arg> args,
            @Nullable String comment,
            @Nullable Filter includes,
            @Nullable Filter excludes) {

        public Rule(
                @Nullable List<String> names,
                @Nullable String name,
                @Nullable String action,
                @Nullable Integer errnoRet,
                @Nullable List<Arg> args,
                @Nullable String comment,
                @Nullable Filter includes,
                @Nullable Filter excludes) {
            if (name != null && !name.isEmpty() && names != null && !names.isEmpty()) {
                throw new IllegalArgumentException(
                        "both 'name' and 'names' are specified in the seccomp profile, use either one");
            }
            if (action == null) {
                throw new IllegalArgumentException("seccomp profile: a rule has no action");
            }
            this.names = names == null || names.isEmpty()
                    ? (name == null || name.isEmpty() ? List.of() : List.of(name))
                    : List.copyOf(names);
            this.name = name;
            this.action = action;
            this.errnoRet = errnoRet;
            this.args = listOf(args);
            this.comment = comment;
            this.includes = includes;
            this.excludes = excludes;
        }
    }

    /**
     * A condition on one argument.
     *
     * @param index 0 to 5
     * @param value unsigned 64 bits; for {@code SCMP_CMP_MASKED_EQ} the mask
     * @param valueTwo for {@code SCMP_CMP_MASKED_EQ}, what the masked argument must be
     * @param op such as {@code SCMP_CMP_EQ}
     */
    public record Arg(
            int index, @Nullable BigInteger value, @Nullable BigInteger valueTwo, String op) {}

    /**
     * When a rule counts.
     *
     * @param arches of this machine, in Go's names: {@code amd64}, {@code arm64}
     * @param caps the container has
     * @param minKernel such as {@code 4.8}
     */
    public record Filter(
            List<String> arches,
            List<String> caps,
            @Nullable String minKernel) {
        public Filter(@Nullable List<String> arches, @Nullable List<String> caps, @Nullable String minKernel) {
            this.arches = listOf(arches);
            this.caps = listOf(caps);
            this.minKernel = minKernel;
        }
    }

    private static <T> List<T> listOf(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }
}
