package io.berth.linux.launch;

import io.berth.linux.abi.SyscallNumber;
import java.util.Arrays;

/**
 * Steps on users, groups, capabilities and seccomp. They act on the child alone.
 *
 * <p>Order matters: without no-new-privileges a seccomp filter needs CAP_SYS_ADMIN, so it is loaded before the
 * capabilities go; the bounding set needs CAP_SETPCAP; changing the user away from root clears the permitted set unless
 * {@link #keepCapabilities} came before.
 */
public final class CredentialSteps {
    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_SET_SECUREBITS = 28;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_RAISE = 2;
    private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    private static final int KEYCTL_JOIN_SESSION_KEYRING = 1;
    private static final int BPF_INSTRUCTION_SIZE = 8;

    private final LaunchProgramBuilder builder;

    CredentialSteps(LaunchProgramBuilder builder) {
        this.builder = builder;
    }

    /** Sets exactly these supplementary groups; ids are unsigned 32-bit. */
    public void setgroups(int... groups) {
        Blob.Builder list = Blob.of(Arrays.toString(groups), Math.max(groups.length, 1) * Integer.BYTES);
        for (int i = 0; i < groups.length; i++) {
            list.putInt(i * Integer.BYTES, groups[i]);
        }
        builder.add(
                Step.Kind.CALL,
                "set groups " + Arrays.toString(groups),
                SyscallNumber.SETGROUPS,
                Argument.of(groups.length),
                new Argument.Structure(list.build()));
    }

    /** Sets the real, effective and saved group. */
    public void setresgid(int gid) {
        builder.add(Step.Kind.CALL, "set group " + gid, SyscallNumber.SETRESGID, id(gid), id(gid), id(gid));
    }

    /** Sets the real, effective and saved user. */
    public void setresuid(int uid) {
        builder.add(Step.Kind.CALL, "set user " + uid, SyscallNumber.SETRESUID, id(uid), id(uid), id(uid));
    }

    /** Any prctl. Those that act on memory ({@code PR_SET_DUMPABLE}, {@code PR_SET_MM}) would change this JVM's. */
    public void prctl(String name, int option, long... arguments) {
        Argument[] all = new Argument[5];
        all[0] = Argument.of(option);
        for (int i = 0; i < 4; i++) {
            all[i + 1] = Argument.of(i < arguments.length ? arguments[i] : 0);
        }
        builder.add(Step.Kind.CALL, name, SyscallNumber.PRCTL, all);
    }

    public void noNewPrivileges() {
        prctl("set no new privileges", PR_SET_NO_NEW_PRIVS, 1);
    }

    /** Keeps the permitted capabilities over the next change of user; execve clears this. */
    public void keepCapabilities() {
        prctl("keep capabilities", PR_SET_KEEPCAPS, 1);
    }

    public void setSecurebits(int bits) {
        prctl("set securebits", PR_SET_SECUREBITS, bits);
    }

    /** Removes a capability from the bounding set. */
    public void dropBounding(int capability) {
        prctl("drop capability " + capability + " from the bounding set", PR_CAPBSET_DROP, capability);
    }

    public void clearAmbient() {
        prctl("clear ambient capabilities", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
    }

    public void raiseAmbient(int capability) {
        prctl("raise ambient capability " + capability, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability);
    }

    /** Sets the capability sets; bit n stands for capability n. */
    public void capset(long effective, long permitted, long inheritable) {
        Blob header = Blob.of("{version 3, pid 0}", 8)
                .putInt(0, LINUX_CAPABILITY_VERSION_3)
                .build();
        Blob data = Blob.of(
                        "{effective=0x%x, permitted=0x%x, inheritable=0x%x}"
                                .formatted(effective, permitted, inheritable),
                        24)
                .putInt(0, (int) effective)
                .putInt(4, (int) permitted)
                .putInt(8, (int) inheritable)
                .putInt(12, (int) (effective >>> 32))
                .putInt(16, (int) (permitted >>> 32))
                .putInt(20, (int) (inheritable >>> 32))
                .build();
        builder.add(
                Step.Kind.CALL,
                "set capabilities",
                SyscallNumber.CAPSET,
                new Argument.Structure(header),
                new Argument.Structure(data));
    }

    /**
     * Loads a seccomp filter. It holds for all steps that follow, which it must allow.
     *
     * @param instructions classic BPF, 8 bytes each ({@code struct sock_filter}), at most 4096 of them
     * @param flags {@code SECCOMP_FILTER_FLAG_*}; TSYNC would reach nothing, for the child has one thread
     */
    public void seccompFilter(byte[] instructions, long flags) {
        if (instructions.length == 0 || instructions.length % BPF_INSTRUCTION_SIZE != 0) {
            throw new IllegalArgumentException(
                    "filter of " + instructions.length + " bytes (expected: a multiple of 8 above 0)");
        }
        int count = instructions.length / BPF_INSTRUCTION_SIZE;
        Blob filter = Blob.of(count + " BPF instructions", instructions);
        Blob program = Blob.of("{" + filter + "}", 16)
                .putShort(0, count)
                .putArgument(8, new Argument.Structure(filter))
                .build();
        builder.add(
                Step.Kind.CALL,
                "load seccomp filter",
                SyscallNumber.SECCOMP,
                Argument.of(SECCOMP_SET_MODE_FILTER),
                Argument.of(flags),
                new Argument.Structure(program));
    }

    /** Joins a new session keyring of this name, so that the engine's keys are out of reach. */
    public void joinSessionKeyring(String name) {
        builder.add(
                Step.Kind.CALL,
                "join session keyring",
                SyscallNumber.KEYCTL,
                Argument.of(KEYCTL_JOIN_SESSION_KEYRING),
                Argument.of(name));
    }

    private static Argument id(int id) {
        return Argument.of(id & 0xffffffffL);
    }
}
