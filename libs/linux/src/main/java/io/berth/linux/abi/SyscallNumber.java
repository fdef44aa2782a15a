package io.berth.linux.abi;

import java.util.Locale;

/**
 * System call numbers per architecture: x86-64 (asm/unistd_64.h) and aarch64 (asm-generic/unistd.h). A test compares
 * every entry with what the C compiler says.
 */
public enum SyscallNumber {
    BIND(49, 200),
    BPF(321, 280),
    CAPGET(125, 90),
    CAPSET(126, 91),
    CHDIR(80, 49),
    CHROOT(161, 51),
    CLONE(56, 220),
    CLONE3(435, 435),
    CLOSE(3, 57),
    CLOSE_RANGE(436, 436),
    CONNECT(42, 203),
    COPY_FILE_RANGE(326, 285),
    DUP3(292, 24),
    EPOLL_CREATE1(291, 20),
    EPOLL_CTL(233, 21),
    EPOLL_PWAIT(281, 22),
    EVENTFD2(290, 19),
    EXECVE(59, 221),
    EXECVEAT(322, 281),
    EXIT_GROUP(231, 94),
    FALLOCATE(285, 47),
    FCHDIR(81, 50),
    FCHMOD(91, 52),
    FCHMODAT(268, 53),
    FCHMODAT2(452, 452),
    FCHOWN(93, 55),
    FCHOWNAT(260, 54),
    FCNTL(72, 25),
    FDATASYNC(75, 83),
    FGETXATTR(193, 10),
    FLISTXATTR(196, 13),
    FREMOVEXATTR(199, 16),
    FSCONFIG(431, 431),
    FSETXATTR(190, 7),
    FSMOUNT(432, 432),
    FSOPEN(430, 430),
    FSPICK(433, 433),
    FSTAT(5, 80),
    FSTATFS(138, 44),
    FSYNC(74, 82),
    FTRUNCATE(77, 46),
    FUTEX(202, 98),
    GETCWD(79, 17),
    GETDENTS64(217, 61),
    GETPID(39, 172),
    GETRANDOM(318, 278),
    GETSOCKNAME(51, 204),
    GETTID(186, 178),
    GETUID(102, 174),
    IOCTL(16, 29),
    KEYCTL(250, 219),
    KILL(62, 129),
    LGETXATTR(192, 9),
    LINKAT(265, 37),
    LISTMOUNT(458, 458),
    LLISTXATTR(195, 12),
    LREMOVEXATTR(198, 15),
    LSEEK(8, 62),
    LSETXATTR(189, 6),
    MADVISE(28, 233),
    MEMFD_CREATE(319, 279),
    MKDIRAT(258, 34),
    MKNODAT(259, 33),
    MMAP(9, 222),
    MOUNT(165, 40),
    MOUNT_SETATTR(442, 442),
    MOVE_MOUNT(429, 429),
    MPROTECT(10, 226),
    MUNMAP(11, 215),
    NEWFSTATAT(262, 79),
    OPEN_TREE(428, 428),
    OPENAT(257, 56),
    OPENAT2(437, 437),
    PERSONALITY(135, 92),
    PIDFD_GETFD(438, 438),
    PIDFD_OPEN(434, 434),
    PIDFD_SEND_SIGNAL(424, 424),
    PIPE2(293, 59),
    PIVOT_ROOT(155, 41),
    PPOLL(271, 73),
    PRCTL(157, 167),
    PREAD64(17, 67),
    PRLIMIT64(302, 261),
    PROCESS_VM_READV(310, 270),
    PWRITE64(18, 68),
    QUOTACTL_FD(443, 443),
    READ(0, 63),
    READLINKAT(267, 78),
    RECVFROM(45, 207),
    RECVMSG(47, 212),
    RENAMEAT2(316, 276),
    RT_SIGACTION(13, 134),
    RT_SIGPROCMASK(14, 135),
    SCHED_SETAFFINITY(203, 122),
    SECCOMP(317, 277),
    SENDFILE(40, 71),
    SENDMSG(46, 211),
    SENDTO(44, 206),
    SETDOMAINNAME(171, 162),
    SETGID(106, 144),
    SETFSGID(123, 152),
    SETFSUID(122, 151),
    SETGROUPS(116, 159),
    SETHOSTNAME(170, 161),
    SETNS(308, 268),
    SETPGID(109, 154),
    SETRESGID(119, 149),
    SETRESUID(117, 147),
    SETSID(112, 157),
    SETSOCKOPT(54, 208),
    GETSOCKOPT(55, 209),
    SETUID(105, 146),
    SETXATTR(188, 5),
    SOCKET(41, 198),
    SOCKETPAIR(53, 199),
    SPLICE(275, 76),
    STATFS(137, 43),
    STATMOUNT(457, 457),
    STATX(332, 291),
    SYMLINKAT(266, 36),
    SYNCFS(306, 267),
    TGKILL(234, 131),
    UMASK(95, 166),
    UMOUNT2(166, 39),
    UNLINKAT(263, 35),
    UNSHARE(272, 97),
    UTIMENSAT(280, 88),
    WAIT4(61, 260),
    WAITID(247, 95),
    WRITE(1, 64);

    private final int x86;
    private final int generic;
    private final String callName = name().toLowerCase(Locale.ROOT);

    SyscallNumber(int x86, int generic) {
        this.x86 = x86;
        this.generic = generic;
    }

    /** The number on the architecture this JVM runs on. */
    public int number() {
        return Architecture.CURRENT == Architecture.X86_64 ? x86 : generic;
    }

    /** The number on the given architecture. */
    public int number(Architecture architecture) {
        return architecture == Architecture.X86_64 ? x86 : generic;
    }

    /** The call's name as in its man page. */
    public String callName() {
        return callName;
    }
}
