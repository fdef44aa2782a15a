package io.berth.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.berth.linux.KernelVersion;
import io.berth.linux.abi.Architecture;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.capability.Capability;
import io.berth.linux.capability.CapabilitySet;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeccompCompilerTest {
    private static final int X86_64 = 0xC000003E;
    private static final int I386 = 0x40000003;
    private static final int ALLOW = 0x7FFF0000;
    private static final int EPERM = 0x00050001;
    private static final int ENOSYS = 0x00050026;
    private static final int KILL = 0x80000000;
    private static final KernelVersion KERNEL = new KernelVersion(6, 1);

    private static final long[][] ARGUMENTS = {
        {0, 0, 0, 0, 0, 0},
        {8, 1, 2, 3, 4, 5},
        {38, 5, 0, 0, 0, 0},
        {39, 5, 0, 0, 0, 0},
        {40, 1, 0, 0, 0, 0},
        {41, 1, 0, 0, 0, 0},
        {0x1_0000_0026L, 5, 0, 0, 0, 0},
        {0x7E020000L, 0x7E020000L, 0, 0, 0, 0},
        {0x1000_0000L, 0, 0, 0, 0, 0},
        {0x11, 0x10000000, 0, 0, 0, 0},
        {0xFFFFFFFFL, 0, 0, 0, 0, 0},
        {-1, -1, -1, -1, -1, -1},
        {131072, 0, 0, 0, 0, 0},
        {131080, 0, 0, 0, 0, 0},
    };

    private static SeccompFilter compile(SeccompProfile profile, CapabilitySet capabilities) {
        return new SeccompCompiler(Architecture.X86_64, KERNEL).compile(profile, capabilities);
    }

    private static final Map<SeccompArchitecture, Map<Integer, Set<String>>> NAMES =
            new EnumMap<>(SeccompArchitecture.class);

    static {
        for (SeccompArchitecture architecture : SeccompArchitecture.values()) {
            Map<Integer, Set<String>> names = new HashMap<>();
            architecture
                    .numbers()
                    .forEach((name, value) ->
                            names.computeIfAbsent(value, n -> new TreeSet<>()).add(name));
            NAMES.put(architecture, names);
        }
    }

    private static int number(SeccompArchitecture architecture, String name) {
        return Objects.requireNonNull(architecture.numbers().get(name), name);
    }

    /** The profile read rule by rule for one call, without any of the compiler's code. */
    private static int naive(
            SeccompProfile profile,
            SeccompArchitecture machine,
            SeccompArchitecture architecture,
            CapabilitySet capabilities,
            int number,
            long[] arguments) {
        Map<Integer, Set<String>> names = Objects.requireNonNull(NAMES.get(architecture));
        int newest = -1;
        Integer conditional = null;
        Integer unconditional = null;
        for (SeccompProfile.Rule rule : profile.syscalls()) {
            if (!counts(rule, machine, capabilities)) {
                continue;
            }
            for (String name : rule.names()) {
                int known = architecture.numbers().getOrDefault(name, -1);
                if (known < 0xF0000 || known >= 0x40000000) {
                    newest = Math.max(newest, known);
                }
                if (names.getOrDefault(number, Set.of()).contains(name)) {
                    int action = action(rule.action(), rule.errnoRet());
                    if (rule.args().isEmpty()) {
                        unconditional = unconditional == null ? action : unconditional;
                    } else if (conditional == null && holds(rule.args(), arguments, name)) {
                        conditional = action;
                    }
                }
            }
        }
        if (conditional != null) {
            return conditional;
        }
        if (unconditional != null) {
            return unconditional;
        }
        boolean unknown = number > newest && (architecture != SeccompArchitecture.ARM || number < 0xF0000);
        return unknown ? ENOSYS : action(profile.defaultAction(), profile.defaultErrnoRet());
    }

    private static boolean counts(SeccompProfile.Rule rule, SeccompArchitecture machine, CapabilitySet capabilities) {
        var in = rule.includes();
        var out = rule.excludes();
        return (in == null
                        || ((in.arches().isEmpty() || in.arches().contains(machine.goName()))
                                && in.caps().stream().allMatch(c -> capabilities.has(Capability.valueOf(c)))))
                && (out == null
                        || (!out.arches().contains(machine.goName())
                                && out.caps().stream().noneMatch(c -> capabilities.has(Capability.valueOf(c)))));
    }

    private static int action(String name, @org.jspecify.annotations.Nullable Integer errno) {
        return switch (name) {
            case "SCMP_ACT_ALLOW" -> ALLOW;
            case "SCMP_ACT_ERRNO" -> 0x00050000 | (errno == null ? 1 : errno);
            default -> throw new AssertionError(name);
        };
    }

    private static boolean holds(List<SeccompProfile.Arg> args, long[] arguments, String call) {
        boolean narrow = call.equals("socket") || call.equals("socketpair");
        return args.stream().allMatch(arg -> {
            BigInteger a = new BigInteger(
                    Long.toUnsignedString(narrow ? arguments[arg.index()] & 0xFFFFFFFFL : arguments[arg.index()]));
            BigInteger v = arg.value() == null ? BigInteger.ZERO : arg.value();
            BigInteger two = arg.valueTwo() == null ? BigInteger.ZERO : arg.valueTwo();
            return switch (arg.op()) {
                case "SCMP_CMP_EQ" -> a.equals(v);
                case "SCMP_CMP_NE" -> !a.equals(v);
                case "SCMP_CMP_LT" -> a.compareTo(v) < 0;
                case "SCMP_CMP_LE" -> a.compareTo(v) <= 0;
                case "SCMP_CMP_GT" -> a.compareTo(v) > 0;
                case "SCMP_CMP_GE" -> a.compareTo(v) >= 0;
                case "SCMP_CMP_MASKED_EQ" -> a.and(v).equals(two);
                default -> throw new AssertionError(arg.op());
            };
        });
    }

    private static List<CapabilitySet> capabilitySets() {
        CapabilitySet privileged = CapabilitySet.DOCKER_DEFAULT;
        for (Capability capability : Capability.values()) {
            privileged = privileged.with(capability);
        }
        return List.of(
                CapabilitySet.NONE,
                CapabilitySet.DOCKER_DEFAULT,
                CapabilitySet.of(Capability.CAP_SYS_ADMIN),
                CapabilitySet.DOCKER_DEFAULT.with(Capability.CAP_SYS_PTRACE).with(Capability.CAP_SYS_TIME),
                privileged);
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void compiledDefaultProfileMeansTheSameForEveryCall(Architecture machine) {
        SeccompProfile profile = ProfileJson.dockerDefault();
        SeccompArchitecture nativeOne = SeccompArchitecture.of(machine);
        List<SeccompArchitecture> architectures = machine == Architecture.X86_64
                ? List.of(SeccompArchitecture.X86_64, SeccompArchitecture.X86, SeccompArchitecture.X32)
                : List.of(SeccompArchitecture.AARCH64, SeccompArchitecture.ARM);
        for (CapabilitySet capabilities : capabilitySets()) {
            SeccompFilter filter = new SeccompCompiler(machine, KERNEL).compile(profile, capabilities);
            BpfMachine bpf = new BpfMachine(filter.instructions());
            for (SeccompArchitecture architecture : architectures) {
                int base = architecture == SeccompArchitecture.X32 ? 0x40000000 : 0;
                Set<Integer> numbers = new TreeSet<>(architecture.numbers().values());
                for (int i = 0; i < 700; i++) {
                    numbers.add(base + i);
                }
                if (architecture == SeccompArchitecture.ARM) {
                    numbers.add(0xEFFFF);
                    numbers.add(0xF0000);
                    numbers.add(0xF0007);
                }
                for (int number : numbers) {
                    for (long[] arguments : ARGUMENTS) {
                        int expected = naive(profile, nativeOne, architecture, capabilities, number, arguments);
                        int actual = bpf.run(architecture.auditArch(), number, arguments);
                        if (actual != expected) { // a million comparisons: no assertion object for each
                            fail(
                                    "%s call %d %s with %s: %x, not %x",
                                    architecture, number, Arrays.toString(arguments), capabilities, actual, expected);
                        }
                    }
                }
            }
        }
    }

    @Test
    void isShortAndQuick() {
        SeccompFilter filter = compile(ProfileJson.dockerDefault(), CapabilitySet.DOCKER_DEFAULT);
        BpfMachine bpf = new BpfMachine(filter.instructions());
        int worst = 0;
        for (int number = 0; number < 500; number++) {
            int result = bpf.run(X86_64, number, ARGUMENTS[0]);
            assertThat(result).isIn(ALLOW, EPERM, ENOSYS);
            worst = Math.max(worst, bpf.steps());
        }
        assertThat(worst).isLessThan(40);
        assertThat(filter.instructions()).hasSizeLessThan(900);
        assertThat(filter.encode()).hasSize(filter.instructions().size() * 8);
        assertThat(filter.flags()).isEqualTo(SeccompFilter.FLAG_SPEC_ALLOW);
    }

    @Test
    void refusesWhatDockerRefuses() {
        BpfMachine bpf = new BpfMachine(compile(ProfileJson.dockerDefault(), CapabilitySet.DOCKER_DEFAULT)
                .instructions());
        for (String name : List.of(
                "mount",
                "unshare",
                "setns",
                "bpf",
                "keyctl",
                "add_key",
                "userfaultfd",
                "io_uring_setup",
                "kexec_load")) {
            assertThat(bpf.run(X86_64, number(SeccompArchitecture.X86_64, name), ARGUMENTS[0]))
                    .as(name)
                    .isEqualTo(EPERM);
        }
        int socket = number(SeccompArchitecture.X86_64, "socket");
        int socket32 = number(SeccompArchitecture.X86, "socket");
        for (long family : new long[] {38, 40, 0x1_0000_0026L, 0xFFFF_FFFF_0000_0028L}) {
            assertThat(bpf.run(X86_64, socket, family, 5, 0, 0, 0, 0)).isEqualTo(EPERM);
            assertThat(bpf.run(I386, socket32, family, 5, 0, 0, 0, 0)).isEqualTo(EPERM);
        }
        assertThat(bpf.run(X86_64, socket, 2, 1, 0, 0, 0, 0)).isEqualTo(ALLOW);
        assertThat(bpf.run(X86_64, number(SeccompArchitecture.X86_64, "clone3"), ARGUMENTS[0]))
                .isEqualTo(ENOSYS);
        assertThat(bpf.run(X86_64, number(SeccompArchitecture.X86_64, "clone"), 0x10000000L | 17, 0, 0, 0, 0, 0))
                .isEqualTo(EPERM);
        assertThat(bpf.run(X86_64, number(SeccompArchitecture.X86_64, "clone"), 17, 0, 0, 0, 0, 0))
                .isEqualTo(ALLOW);
        assertThat(bpf.run(0xC0000016, 0, ARGUMENTS[0])).as("s390x").isEqualTo(KILL);
        assertThat(bpf.run(X86_64, 10_000, ARGUMENTS[0])).isEqualTo(ENOSYS);
    }

    @Test
    void x32IsRefusedWhereTheProfileHasNone() {
        SeccompProfile profile = ProfileJson.parse("""
                {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": []}
                """);
        BpfMachine bpf = new BpfMachine(compile(profile, CapabilitySet.NONE).instructions());
        assertThat(bpf.run(X86_64, 0, ARGUMENTS[0])).isEqualTo(ALLOW);
        assertThat(bpf.run(X86_64, 5000, ARGUMENTS[0])).isEqualTo(ALLOW);
        assertThat(bpf.run(X86_64, 0x40000000, ARGUMENTS[0])).isEqualTo(KILL);
        assertThat(bpf.run(X86_64, -1, ARGUMENTS[0])).isEqualTo(KILL);
        assertThat(bpf.run(I386, 0, ARGUMENTS[0])).isEqualTo(KILL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"})
    void everyComparisonOnRandomValues(String operator) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long[] interesting = {
            0, 1, 0x7FFFFFFFL, 0x80000000L, 0xFFFFFFFFL, 0x100000000L, Long.MAX_VALUE, Long.MIN_VALUE, -1
        };
        for (int round = 0; round < 300; round++) {
            long value = random.nextBoolean() ? interesting[random.nextInt(interesting.length)] : random.nextLong();
            long two = random.nextBoolean() ? value & random.nextLong() : random.nextLong();
            String call = random.nextInt(4) == 0 ? "socket" : "read";
            int index = random.nextInt(6);
            var arg = new SeccompProfile.Arg(
                    index,
                    new BigInteger(Long.toUnsignedString(value)),
                    new BigInteger(Long.toUnsignedString(two)),
                    "SCMP_CMP_" + operator);
            SeccompProfile profile = new SeccompProfile(
                    "SCMP_ACT_ALLOW",
                    null,
                    null,
                    null,
                    List.of(),
                    List.of(new SeccompProfile.Rule(
                            List.of(call), null, "SCMP_ACT_ERRNO", 7, List.of(arg), null, null, null)));
            BpfMachine bpf = new BpfMachine(compile(profile, CapabilitySet.NONE).instructions());
            for (int k = 0; k < 40; k++) {
                long argument =
                        switch (random.nextInt(4)) {
                            case 0 -> value;
                            case 1 -> value + random.nextInt(3) - 1;
                            case 2 -> interesting[random.nextInt(interesting.length)];
                            default -> random.nextLong();
                        };
                long[] arguments = new long[6];
                arguments[index] = argument;
                boolean narrow = call.equals("socket");
                boolean expected = Condition.of(arg, narrow).holds(argument);
                if (!narrow) {
                    assertThat(expected).isEqualTo(holds(List.of(arg), arguments, call));
                }
                assertThat(bpf.run(X86_64, call.equals("socket") ? 41 : 0, arguments))
                        .as("seed %d: %x %s %x %x", seed, argument, operator, value, two)
                        .isEqualTo(expected ? 0x00050007 : ALLOW);
            }
        }
    }

    @Test
    void conditionsComeBeforeTheRuleWithoutAndOnOneArgumentAreAlternatives() {
        SeccompProfile profile = ProfileJson.parse("""
                {"defaultAction": "SCMP_ACT_KILL_PROCESS", "flags": ["SECCOMP_FILTER_FLAG_LOG"], "syscalls": [
                  {"names": ["read", "no_such_call"], "action": "SCMP_ACT_ALLOW"},
                  {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 9,
                   "args": [{"index": 0, "value": 3, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 5, "op": "SCMP_CMP_EQ"}]},
                  {"names": ["write"], "action": "SCMP_ACT_LOG",
                   "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 9, "op": "SCMP_CMP_LE"}]},
                  {"name": "close", "action": "SCMP_ACT_TRAP"},
                  {"names": ["open"], "action": "SCMP_ACT_TRACE", "errnoRet": 3},
                  {"names": ["lseek"], "action": "SCMP_ACT_KILL"},
                  {"names": ["fstat"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.2"}}
                ]}
                """);
        SeccompFilter filter = compile(profile, CapabilitySet.NONE);
        BpfMachine bpf = new BpfMachine(filter.instructions());
        assertThat(filter.flags()).isEqualTo(SeccompFilter.FLAG_LOG);
        assertThat(bpf.run(X86_64, 0, 0, 0, 0, 0, 0, 0)).isEqualTo(ALLOW);
        assertThat(bpf.run(X86_64, 0, 3, 0, 0, 0, 0, 0)).isEqualTo(0x00050009);
        assertThat(bpf.run(X86_64, 0, 5, 0, 0, 0, 0, 0)).isEqualTo(0x00050009);
        assertThat(bpf.run(X86_64, 1, 1, 0, 9, 0, 0, 0)).isEqualTo(0x7FFC0000);
        assertThat(bpf.run(X86_64, 1, 1, 0, 10, 0, 0, 0)).isEqualTo(KILL);
        assertThat(bpf.run(X86_64, 3, 0, 0, 0, 0, 0, 0)).isEqualTo(0x00030000);
        assertThat(bpf.run(X86_64, 2, 0, 0, 0, 0, 0, 0)).isEqualTo(0x7FF00003);
        assertThat(bpf.run(X86_64, 8, 0, 0, 0, 0, 0, 0)).isZero();
        assertThat(bpf.run(X86_64, 5, 0, 0, 0, 0, 0, 0)).as("fstat before 6.2").isEqualTo(KILL);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        for (String json : List.of(
                "{\"defaultAction\": \"SCMP_ACT_NOTIFY\", \"syscalls\": []}",
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 70000, \"syscalls\": []}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"NONE\"], \"syscalls\": []}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"X\"}]}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"],"
                        + " \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 6, \"op\": \"SCMP_CMP_EQ\"}]}]}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"],"
                        + " \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, \"op\": \"EQ\"}]}]}")) {
            assertThatThrownBy(() -> compile(ProfileJson.parse(json), CapabilitySet.NONE))
                    .as(json)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> ProfileJson.parse("{\"syscalls\": []}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ProfileJson.parse("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"a\"],"
                        + " \"archMap\": [{\"architecture\": \"b\"}], \"syscalls\": []}"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tellsWhatAProcessMayCall() {
        SeccompFilter filter = new SeccompCompiler(Architecture.CURRENT, KERNEL)
                .compile(ProfileJson.dockerDefault(), CapabilitySet.DOCKER_DEFAULT);
        assertThat(filter.permits(SyscallNumber.CLONE, 0x10c011)).isTrue();
        assertThat(filter.permits(SyscallNumber.CLONE, 0x2000_0000)).isFalse(); // CLONE_NEWPID
        assertThat(filter.permits(SyscallNumber.CLONE3)).isFalse();
        assertThat(filter.permits(SyscallNumber.SETSID)).isTrue();
    }
}
