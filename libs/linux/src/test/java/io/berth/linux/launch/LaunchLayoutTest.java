package io.berth.linux.launch;

import io.berth.linux.abi.SyscallNumber;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Structures and constants that steps pass, against the kernel's headers. */
class LaunchLayoutTest {
    private final LaunchProgramBuilder builder = LaunchProgram.builder();
    private final Map<String, Long> expected = new LinkedHashMap<>();

    @TempDir
    Path directory;

    private void expect(String expression, long value) {
        expected.put(expression, value);
    }

    private Step last(SyscallNumber call) {
        builder.process().exit(0);
        return builder.build().steps(call).getLast();
    }

    private static long size(Step step, int argument) {
        return ((Argument.Structure) step.argument(argument)).blob().size();
    }

    @Test
    void structuresOfTheLaunch() throws Exception {
        expect("sizeof(struct clone_args)", CloneArguments.SIZE);
        expect("offsetof(struct clone_args, pidfd)", 8);
        expect("offsetof(struct clone_args, parent_tid)", 24);
        expect("offsetof(struct clone_args, exit_signal)", 32);
        expect("offsetof(struct clone_args, stack)", 40);
        expect("offsetof(struct clone_args, stack_size)", 48);
        expect("offsetof(struct clone_args, cgroup)", 80);
        expect("CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_PARENT_SETTID", 0x105100);
        expect("CLONE_PARENT", CloneArguments.CLONE_PARENT);
        expect("CLONE_PARENT | CLONE_PARENT_SETTID | CLONE_VFORK | SIGCHLD", JoiningStage.CLONE_FLAGS);
        expect("PR_SET_DUMPABLE", 4);
        expect("MADV_DONTFORK", 10);
        expect("MAP_SHARED | MAP_FIXED", 0x11);
        expect("CLONE_CLEAR_SIGHAND", 0x1_0000_0000L);
        expect("CLONE_INTO_CGROUP", 0x2_0000_0000L);
        for (var namespace : io.berth.linux.namespace.Namespace.values()) {
            String name =
                    switch (namespace) {
                        case MOUNT -> "CLONE_NEWNS";
                        case NETWORK -> "CLONE_NEWNET";
                        default -> "CLONE_NEW" + namespace.name();
                    };
            expect(name, namespace.cloneFlag());
        }
        NativeTools.compareWithC(
                directory,
                List.of("<signal.h>", "<sys/mman.h>", "<linux/prctl.h>", "<linux/types.h>", "<linux/sched.h>"),
                expected);
    }

    @Test
    void structuresOfFilesAndMounts() throws Exception {
        builder.files().openat2(FdArgument.CWD, "/", 0, 0, 0);
        expect("sizeof(struct open_how)", size(last(SyscallNumber.OPENAT2), 2));
        expect("offsetof(struct open_how, mode)", 8);
        expect("offsetof(struct open_how, resolve)", 16);
        builder.mounts().mountSetattr(FdArgument.CWD, "/", 0, 0, 0, 0);
        expect("sizeof(struct mount_attr)", size(last(SyscallNumber.MOUNT_SETATTR), 3));
        expect("offsetof(struct mount_attr, attr_clr)", 8);
        expect("offsetof(struct mount_attr, propagation)", 16);
        expect("offsetof(struct mount_attr, userns_fd)", 24);
        expect("MOUNT_ATTR_IDMAP", 0x100000);
        builder.mounts().moveMount(FdArgument.CWD, FdArgument.CWD, "");
        expect(
                "MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH",
                last(SyscallNumber.MOVE_MOUNT).value(4));
        builder.mounts().fsconfigFlag(FdArgument.CWD, "x");
        expect("FSCONFIG_SET_FLAG", last(SyscallNumber.FSCONFIG).value(1));
        builder.mounts().fsconfigString(FdArgument.CWD, "x", "y");
        expect("FSCONFIG_SET_STRING", last(SyscallNumber.FSCONFIG).value(1));
        builder.mounts().fsconfigFd(FdArgument.CWD, "x", FdArgument.CWD);
        expect("FSCONFIG_SET_FD", last(SyscallNumber.FSCONFIG).value(1));
        builder.mounts().fsconfigCreate(FdArgument.CWD);
        expect("FSCONFIG_CMD_CREATE", last(SyscallNumber.FSCONFIG).value(1));
        NativeTools.compareWithC(
                directory, List.of("<linux/types.h>", "<linux/openat2.h>", "<linux/mount.h>"), expected);
    }

    @Test
    void structuresOfChecks() throws Exception {
        builder.files().checkDevice(FdArgument.number(0), "x", 1, 3);
        Step statx = last(SyscallNumber.STATX);
        Argument.ScratchAddress buffer = (Argument.ScratchAddress) statx.argument(4);
        expect("sizeof(struct statx)", buffer.scratch().size());
        List<Step> checks = builder.build().steps(SyscallNumber.FUTEX);
        expect(
                "offsetof(struct statx, stx_rdev_major)",
                ((Argument.ScratchAddress) checks.get(0).argument(0)).offset());
        expect(
                "offsetof(struct statx, stx_rdev_minor)",
                ((Argument.ScratchAddress) checks.get(1).argument(0)).offset());
        builder.files().checkInode(FdArgument.number(0), "x", 1);
        expect(
                "offsetof(struct statx, stx_ino)",
                ((Argument.ScratchAddress) last(SyscallNumber.FUTEX).argument(0)).offset());
        expect("STATX_BASIC_STATS", statx.value(3));
        expect("AT_EMPTY_PATH", statx.value(2));
        builder.files().checkFileSystem(FdArgument.number(0), "x", 1);
        Argument.ScratchAddress statfs =
                (Argument.ScratchAddress) last(SyscallNumber.FSTATFS).argument(1);
        expect("sizeof(struct statfs) <= " + statfs.scratch().size(), 1);
        expect("offsetof(struct statfs, f_type)", 0);
        expect("FUTEX_WAIT_PRIVATE", checks.get(0).value(1));
        expect("FUTEX_WAKE_PRIVATE", LaunchProgramBuilder.FUTEX_WAKE_PRIVATE);
        expect("ETIMEDOUT", io.berth.linux.Errno.ETIMEDOUT);
        expect("sizeof(struct timespec)", size(checks.get(0), 3));
        expect("offsetof(struct timespec, tv_nsec)", 8);
        expect("makedev(1, 3)", FileSteps.device(1, 3));
        NativeTools.compareWithC(
                directory,
                List.of(
                        "<errno.h>",
                        "<fcntl.h>",
                        "<time.h>",
                        "<sys/stat.h>",
                        "<sys/sysmacros.h>",
                        "<sys/vfs.h>",
                        "<linux/futex.h>"),
                expected);
    }

    @Test
    void structuresOfCredentialsAndTheProcess() throws Exception {
        builder.credentials().noNewPrivileges();
        expect("PR_SET_NO_NEW_PRIVS", last(SyscallNumber.PRCTL).value(0));
        builder.credentials().keepCapabilities();
        expect("PR_SET_KEEPCAPS", last(SyscallNumber.PRCTL).value(0));
        builder.credentials().dropBounding(0);
        expect("PR_CAPBSET_DROP", last(SyscallNumber.PRCTL).value(0));
        builder.credentials().setSecurebits(0);
        expect("PR_SET_SECUREBITS", last(SyscallNumber.PRCTL).value(0));
        builder.credentials().clearAmbient();
        expect("PR_CAP_AMBIENT", last(SyscallNumber.PRCTL).value(0));
        expect("PR_CAP_AMBIENT_CLEAR_ALL", last(SyscallNumber.PRCTL).value(1));
        builder.credentials().raiseAmbient(0);
        expect("PR_CAP_AMBIENT_RAISE", last(SyscallNumber.PRCTL).value(1));
        builder.credentials().capset(0, 0, 0);
        expect("sizeof(struct __user_cap_header_struct)", size(last(SyscallNumber.CAPSET), 0));
        expect("sizeof(struct __user_cap_data_struct) * _LINUX_CAPABILITY_U32S_3", size(last(SyscallNumber.CAPSET), 1));
        expect("_LINUX_CAPABILITY_VERSION_3", 0x20080522);
        expect("offsetof(struct __user_cap_data_struct, inheritable)", 8);
        builder.credentials().seccompFilter(new byte[8], 0);
        expect("sizeof(struct sock_filter)", 8);
        expect("sizeof(struct sock_fprog)", size(last(SyscallNumber.SECCOMP), 2));
        expect("offsetof(struct sock_fprog, filter)", 8);
        expect("SECCOMP_SET_MODE_FILTER", last(SyscallNumber.SECCOMP).value(0));
        builder.credentials().joinSessionKeyring("x");
        expect("KEYCTL_JOIN_SESSION_KEYRING", last(SyscallNumber.KEYCTL).value(0));
        builder.process().setrlimit(0, 0, 0);
        expect("sizeof(struct rlimit64)", size(last(SyscallNumber.PRLIMIT64), 2));
        expect("offsetof(struct rlimit64, rlim_max)", 8);
        builder.process().controllingTerminal(FdArgument.number(0));
        expect("TIOCSCTTY", last(SyscallNumber.IOCTL).value(1));
        builder.process().resetSignals();
        expect("SIG_SETMASK", last(SyscallNumber.RT_SIGPROCMASK).value(0));
        expect("_NSIG - 1", builder.build().steps(SyscallNumber.RT_SIGACTION).size() + 2);
        builder.files().closeOnExecFrom(3);
        expect("CLOSE_RANGE_CLOEXEC", last(SyscallNumber.CLOSE_RANGE).value(2));
        NativeTools.compareWithC(
                directory,
                List.of(
                        "<signal.h>",
                        "<sys/ioctl.h>",
                        "<sys/resource.h>",
                        "<linux/capability.h>",
                        "<linux/close_range.h>",
                        "<linux/filter.h>",
                        "<linux/keyctl.h>",
                        "<linux/prctl.h>",
                        "<linux/seccomp.h>"),
                expected);
    }
}
