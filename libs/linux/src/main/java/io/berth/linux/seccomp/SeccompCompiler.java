package io.berth.linux.seccomp;

import io.berth.linux.KernelVersion;
import io.berth.linux.abi.Architecture;
import io.berth.linux.capability.Capability;
import io.berth.linux.capability.CapabilitySet;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * Compiles profiles to filters: per architecture a binary search over ranges of call numbers, so that a call costs about
 * eight comparisons instead of hundreds and loading the filter stays cheap. Immutable and thread-safe.
 *
 * <p>Meaning of a profile, as moby and runc read it (moby profiles/seccomp/seccomp_linux.go, runc libcontainer/seccomp):
 *
 * <ul>
 *   <li>Rules count by architecture of the machine, capabilities of the container and kernel version.
 *   <li>Names that an architecture does not have are ignored.
 *   <li>Of several rules for a call, those with conditions come first, in the profile's order, then the first one without.
 *       (libseccomp lets the one without conditions win always, which turns "deny this use, allow the rest" into "allow".)
 *   <li>When the default is to refuse, calls newer than any that the profile names get ENOSYS, so that libraries fall back
 *       to older calls (runc libcontainer/seccomp/patchbpf).
 *   <li>Calls of an architecture that is not filtered kill the process.
 *   <li>Arguments of {@code socket} and {@code socketpair} are compared as the 32-bit integers that the kernel makes of
 *       them; as 64-bit values, {@code socket(AF_ALG | 1 << 32)} would pass Docker's rule against AF_ALG.
 * </ul>
 */
public final class SeccompCompiler {
    private static final int NUMBER_OFFSET = 0;
    private static final int ARCH_OFFSET = 4;
    private static final int ENOSYS = 38;
    private static final int MAX_JUMP = 255;
    private static final Set<String> NARROW_ARGUMENTS = Set.of("socket", "socketpair");

    /** Private calls of 32-bit ARM (__ARM_NR_BASE); not in the sequence that new calls extend. */
    private static final int ARM_PRIVATE = 0xF0000;

    private final SeccompArchitecture machine;
    private final KernelVersion kernel;

    /** A compiler for a machine and kernel. */
    public SeccompCompiler(Architecture machine, KernelVersion kernel) {
        this.machine = SeccompArchitecture.of(machine);
        this.kernel = kernel;
    }

    /** A compiler for this machine and its kernel. */
    public static SeccompCompiler ofThisMachine() {
        return new SeccompCompiler(Architecture.CURRENT, KernelVersion.current());
    }

    /**
     * Compiles a profile for a container.
     *
     * @param capabilities what the container may have at most (its bounding set)
     * @throws IllegalArgumentException when the profile has an action, comparison or value that is unknown
     */
    public SeccompFilter compile(SeccompProfile profile, CapabilitySet capabilities) {
        Set<SeccompArchitecture> architectures = architectures(profile);
        List<SeccompProfile.Rule> rules = rules(profile, capabilities);
        SeccompAction defaultAction = SeccompAction.parse(profile.defaultAction(), profile.defaultErrnoRet());

        List<BpfInstruction> code = new ArrayList<>();
        code.add(BpfInstruction.load(ARCH_OFFSET));
        for (SeccompArchitecture architecture : architectures) {
            if (architecture == SeccompArchitecture.X32) {
                continue; // part of x86-64's search: same architecture value, numbers from bit 30 up
            }
            boolean withX32 = architecture == SeccompArchitecture.X86_64;
            CallActions calls = actions(architecture, rules, defaultAction);
            if (withX32) {
                calls.from(SeccompArchitecture.X32_BIT, SeccompAction.KILL_PROCESS);
                if (architectures.contains(SeccompArchitecture.X32)) {
                    calls.from(SeccompArchitecture.X32_BIT, actions(SeccompArchitecture.X32, rules, defaultAction));
                }
            }
            List<BpfInstruction> search = new ArrayList<>();
            search.add(BpfInstruction.load(NUMBER_OFFSET));
            search.addAll(search(calls.ranges()));
            code.add(new BpfInstruction(BpfInstruction.JUMP_EQUAL, 1, 0, architecture.auditArch()));
            code.add(BpfInstruction.jump(search.size()));
            code.addAll(search);
        }
        code.add(BpfInstruction.returning(SeccompAction.KILL_PROCESS));
        return new SeccompFilter(code, flags(profile));
    }

    private Set<SeccompArchitecture> architectures(SeccompProfile profile) {
        Set<SeccompArchitecture> filtered = EnumSet.of(machine);
        for (SeccompProfile.ArchMap family : profile.archMap()) {
            if (family.architecture().equals(machine.profileName())) {
                family.subArchitectures().forEach(name -> add(name, filtered));
            }
        }
        profile.architectures().forEach(name -> add(name, filtered));
        return filtered;
    }

    private void add(String name, Set<SeccompArchitecture> filtered) {
        SeccompArchitecture.ofProfileName(name)
                .filter(architecture -> isX86(architecture) == isX86(machine)) // the others never run here
                .ifPresent(filtered::add);
    }

    private static boolean isX86(SeccompArchitecture architecture) {
        return switch (architecture) {
            case X86_64, X86, X32 -> true;
            case AARCH64, ARM -> false;
        };
    }

    /** The rules that count here. */
    private List<SeccompProfile.Rule> rules(SeccompProfile profile, CapabilitySet capabilities) {
        return profile.syscalls().stream()
                .filter(rule -> rule.includes() == null || isIncluded(rule.includes(), capabilities))
                .filter(rule -> rule.excludes() == null || !isExcluded(rule.excludes(), capabilities))
                .toList();
    }

    private boolean isIncluded(SeccompProfile.Filter filter, CapabilitySet capabilities) {
        return (filter.arches().isEmpty() || filter.arches().contains(machine.goName()))
                && filter.caps().stream().allMatch(name -> has(capabilities, name))
                && (filter.minKernel() == null || isMet(filter.minKernel()));
    }

    private boolean isExcluded(SeccompProfile.Filter filter, CapabilitySet capabilities) {
        return filter.arches().contains(machine.goName())
                || filter.caps().stream().anyMatch(name -> has(capabilities, name))
                || (filter.minKernel() != null && isMet(filter.minKernel()));
    }

    private boolean isMet(String minKernel) {
        return kernel.compareTo(KernelVersion.parse(minKernel)) >= 0;
    }

    private static boolean has(CapabilitySet capabilities, String name) {
        return capabilities.has(Capability.parse(name));
    }

    private static int flags(SeccompProfile profile) {
        List<String> names = profile.flags();
        if (names == null) {
            return SeccompFilter.FLAG_SPEC_ALLOW; // runc's default too
        }
        int flags = 0;
        for (String name : names) {
            flags |= switch (name) {
                case "SECCOMP_FILTER_FLAG_LOG" -> SeccompFilter.FLAG_LOG;
                case "SECCOMP_FILTER_FLAG_SPEC_ALLOW" -> SeccompFilter.FLAG_SPEC_ALLOW;
                case "SECCOMP_FILTER_FLAG_TSYNC" -> 0; // the filter is loaded by the only thread there is
                default -> throw new IllegalArgumentException("seccomp profile: flag " + name + " is not supported");
            };
        }
        return flags;
    }

    /** What happens to each call of one architecture. */
    private static CallActions actions(
            SeccompArchitecture architecture, List<SeccompProfile.Rule> rules, SeccompAction defaultAction) {
        CallActions calls = new CallActions(defaultAction);
        Map<String, Integer> numbers = architecture.numbers();
        int newest = -1;
        for (SeccompProfile.Rule rule : rules) {
            SeccompAction action = SeccompAction.parse(rule.action(), rule.errnoRet());
            for (String name : rule.names()) {
                Integer number = numbers.get(name);
                if (number != null) {
                    calls.add(number, conditions(rule, NARROW_ARGUMENTS.contains(name)), action);
                    boolean inSequence = architecture != SeccompArchitecture.ARM || number < ARM_PRIVATE;
                    newest = inSequence ? Math.max(newest, number) : newest;
                }
            }
        }
        if (newest >= 0 && !defaultAction.isPermissive()) {
            int end = architecture == SeccompArchitecture.ARM ? ARM_PRIVATE : CallActions.END;
            calls.unknown(newest + 1, end, SeccompAction.errno(ENOSYS));
        }
        return calls;
    }

    /** Alternatives, each a list of conditions that must all hold. */
    private static List<List<Condition>> conditions(SeccompProfile.Rule rule, boolean narrow) {
        List<Condition> all =
                rule.args().stream().map(arg -> Condition.of(arg, narrow)).toList();
        boolean oneArgumentTwice = all.stream().map(Condition::index).distinct().count() < all.size();
        return oneArgumentTwice ? all.stream().map(List::of).toList() : List.of(all);
    }

    /** Code that finds the range of the number in the accumulator and does what that says. */
    private static List<BpfInstruction> search(SortedMap<Integer, CallActions.Verdict> ranges) {
        return search(List.copyOf(ranges.keySet()), List.copyOf(ranges.values()), 0, ranges.size());
    }

    private static List<BpfInstruction> search(
            List<Integer> starts, List<CallActions.Verdict> verdicts, int from, int to) {
        if (to - from == 1) {
            return verdicts.get(from).compile();
        }
        int middle = (from + to) >>> 1;
        List<BpfInstruction> below = search(starts, verdicts, from, middle);
        List<BpfInstruction> above = search(starts, verdicts, middle, to);
        List<BpfInstruction> code = new ArrayList<>(below.size() + above.size() + 2);
        int number = starts.get(middle);
        if (below.size() <= MAX_JUMP) {
            code.add(new BpfInstruction(BpfInstruction.JUMP_GREATER_OR_EQUAL, below.size(), 0, number));
        } else {
            code.add(new BpfInstruction(BpfInstruction.JUMP_GREATER_OR_EQUAL, 0, 1, number));
            code.add(BpfInstruction.jump(below.size()));
        }
        code.addAll(below);
        code.addAll(above);
        return code;
    }
}
