package io.berth.linux;

import java.util.Map;

/**
 * Error numbers of the Linux kernel (asm-generic/errno-base.h and errno.h; the same on x86-64 and aarch64).
 *
 * <p>Only the numbers that some caller decides on have a constant; every number has its name and text.
 */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int ENOEXEC = 8;
    public static final int EBADF = 9;
    public static final int ECHILD = 10;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int EXDEV = 18;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    public static final int EPIPE = 32;
    public static final int ERANGE = 34;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int ENOTEMPTY = 39;
    public static final int ELOOP = 40;
    public static final int ENODATA = 61;
    public static final int EPROTONOSUPPORT = 93;
    public static final int ESOCKTNOSUPPORT = 94;
    public static final int EOPNOTSUPP = 95;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENOBUFS = 105;
    public static final int ETIMEDOUT = 110;

    /** The largest: system calls return -1 to -4095 for errors (MAX_ERRNO in linux/err.h). */
    public static final int MAX = 4095;

    /** Name and text of every error number, in the C library's words (asm-generic/errno-base.h, errno.h; strerror(3)). */
    private static final Map<Integer, Text> TEXTS = Map.ofEntries(
            Map.entry(1, new Text("EPERM", "Operation not permitted")),
            Map.entry(2, new Text("ENOENT", "No such file or directory")),
            Map.entry(3, new Text("ESRCH", "No such process")),
            Map.entry(4, new Text("EINTR", "Interrupted system call")),
            Map.entry(5, new Text("EIO", "Input/output error")),
            Map.entry(6, new Text("ENXIO", "No such device or address")),
            Map.entry(7, new Text("E2BIG", "Argument list too long")),
            Map.entry(8, new Text("ENOEXEC", "Exec format error")),
            Map.entry(9, new Text("EBADF", "Bad file descriptor")),
            Map.entry(10, new Text("ECHILD", "No child processes")),
            Map.entry(11, new Text("EAGAIN", "Resource temporarily unavailable")),
            Map.entry(12, new Text("ENOMEM", "Cannot allocate memory")),
            Map.entry(13, new Text("EACCES", "Permission denied")),
            Map.entry(14, new Text("EFAULT", "Bad address")),
            Map.entry(15, new Text("ENOTBLK", "Block device required")),
            Map.entry(16, new Text("EBUSY", "Device or resource busy")),
            Map.entry(17, new Text("EEXIST", "File exists")),
            Map.entry(18, new Text("EXDEV", "Invalid cross-device link")),
            Map.entry(19, new Text("ENODEV", "No such device")),
            Map.entry(20, new Text("ENOTDIR", "Not a directory")),
            Map.entry(21, new Text("EISDIR", "Is a directory")),
            Map.entry(22, new Text("EINVAL", "Invalid argument")),
            Map.entry(23, new Text("ENFILE", "Too many open files in system")),
            Map.entry(24, new Text("EMFILE", "Too many open files")),
            Map.entry(25, new Text("ENOTTY", "Inappropriate ioctl for device")),
            Map.entry(26, new Text("ETXTBSY", "Text file busy")),
            Map.entry(27, new Text("EFBIG", "File too large")),
            Map.entry(28, new Text("ENOSPC", "No space left on device")),
            Map.entry(29, new Text("ESPIPE", "Illegal seek")),
            Map.entry(30, new Text("EROFS", "Read-only file system")),
            Map.entry(31, new Text("EMLINK", "Too many links")),
            Map.entry(32, new Text("EPIPE", "Broken pipe")),
            Map.entry(33, new Text("EDOM", "Numerical argument out of domain")),
            Map.entry(34, new Text("ERANGE", "Numerical result out of range")),
            Map.entry(35, new Text("EDEADLOCK", "Resource deadlock avoided")),
            Map.entry(36, new Text("ENAMETOOLONG", "File name too long")),
            Map.entry(37, new Text("ENOLCK", "No locks available")),
            Map.entry(38, new Text("ENOSYS", "Function not implemented")),
            Map.entry(39, new Text("ENOTEMPTY", "Directory not empty")),
            Map.entry(40, new Text("ELOOP", "Too many levels of symbolic links")),
            Map.entry(42, new Text("ENOMSG", "No message of desired type")),
            Map.entry(43, new Text("EIDRM", "Identifier removed")),
            Map.entry(44, new Text("ECHRNG", "Channel number out of range")),
            Map.entry(45, new Text("EL2NSYNC", "Level 2 not synchronized")),
            Map.entry(46, new Text("EL3HLT", "Level 3 halted")),
            Map.entry(47, new Text("EL3RST", "Level 3 reset")),
            Map.entry(48, new Text("ELNRNG", "Link number out of range")),
            Map.entry(49, new Text("EUNATCH", "Protocol driver not attached")),
            Map.entry(50, new Text("ENOCSI", "No CSI structure available")),
            Map.entry(51, new Text("EL2HLT", "Level 2 halted")),
            Map.entry(52, new Text("EBADE", "Invalid exchange")),
            Map.entry(53, new Text("EBADR", "Invalid request descriptor")),
            Map.entry(54, new Text("EXFULL", "Exchange full")),
            Map.entry(55, new Text("ENOANO", "No anode")),
            Map.entry(56, new Text("EBADRQC", "Invalid request code")),
            Map.entry(57, new Text("EBADSLT", "Invalid slot")),
            Map.entry(59, new Text("EBFONT", "Bad font file format")),
            Map.entry(60, new Text("ENOSTR", "Device not a stream")),
            Map.entry(61, new Text("ENODATA", "No data available")),
            Map.entry(62, new Text("ETIME", "Timer expired")),
            Map.entry(63, new Text("ENOSR", "Out of streams resources")),
            Map.entry(64, new Text("ENONET", "Machine is not on the network")),
            Map.entry(65, new Text("ENOPKG", "Package not installed")),
            Map.entry(66, new Text("EREMOTE", "Object is remote")),
            Map.entry(67, new Text("ENOLINK", "Link has been severed")),
            Map.entry(68, new Text("EADV", "Advertise error")),
            Map.entry(69, new Text("ESRMNT", "Srmount error")),
            Map.entry(70, new Text("ECOMM", "Communication error on send")),
            Map.entry(71, new Text("EPROTO", "Protocol error")),
            Map.entry(72, new Text("EMULTIHOP", "Multihop attempted")),
            Map.entry(73, new Text("EDOTDOT", "RFS specific error")),
            Map.entry(74, new Text("EBADMSG", "Bad message")),
            Map.entry(75, new Text("EOVERFLOW", "Value too large for defined data type")),
            Map.entry(76, new Text("ENOTUNIQ", "Name not unique on network")),
            Map.entry(77, new Text("EBADFD", "File descriptor in bad state")),
            Map.entry(78, new Text("EREMCHG", "Remote address changed")),
            Map.entry(79, new Text("ELIBACC", "Can not access a needed shared library")),
            Map.entry(80, new Text("ELIBBAD", "Accessing a corrupted shared library")),
            Map.entry(81, new Text("ELIBSCN", ".lib section in a.out corrupted")),
            Map.entry(82, new Text("ELIBMAX", "Attempting to link in too many shared libraries")),
            Map.entry(83, new Text("ELIBEXEC", "Cannot exec a shared library directly")),
            Map.entry(84, new Text("EILSEQ", "Invalid or incomplete multibyte or wide character")),
            Map.entry(85, new Text("ERESTART", "Interrupted system call should be restarted")),
            Map.entry(86, new Text("ESTRPIPE", "Streams pipe error")),
            Map.entry(87, new Text("EUSERS", "Too many users")),
            Map.entry(88, new Text("ENOTSOCK", "Socket operation on non-socket")),
            Map.entry(89, new Text("EDESTADDRREQ", "Destination address required")),
            Map.entry(90, new Text("EMSGSIZE", "Message too long")),
            Map.entry(91, new Text("EPROTOTYPE", "Protocol wrong type for socket")),
            Map.entry(92, new Text("ENOPROTOOPT", "Protocol not available")),
            Map.entry(93, new Text("EPROTONOSUPPORT", "Protocol not supported")),
            Map.entry(94, new Text("ESOCKTNOSUPPORT", "Socket type not supported")),
            Map.entry(95, new Text("ENOTSUP", "Operation not supported")),
            Map.entry(96, new Text("EPFNOSUPPORT", "Protocol family not supported")),
            Map.entry(97, new Text("EAFNOSUPPORT", "Address family not supported by protocol")),
            Map.entry(98, new Text("EADDRINUSE", "Address already in use")),
            Map.entry(99, new Text("EADDRNOTAVAIL", "Cannot assign requested address")),
            Map.entry(100, new Text("ENETDOWN", "Network is down")),
            Map.entry(101, new Text("ENETUNREACH", "Network is unreachable")),
            Map.entry(102, new Text("ENETRESET", "Network dropped connection on reset")),
            Map.entry(103, new Text("ECONNABORTED", "Software caused connection abort")),
            Map.entry(104, new Text("ECONNRESET", "Connection reset by peer")),
            Map.entry(105, new Text("ENOBUFS", "No buffer space available")),
            Map.entry(106, new Text("EISCONN", "Transport endpoint is already connected")),
            Map.entry(107, new Text("ENOTCONN", "Transport endpoint is not connected")),
            Map.entry(108, new Text("ESHUTDOWN", "Cannot send after transport endpoint shutdown")),
            Map.entry(109, new Text("ETOOMANYREFS", "Too many references: cannot splice")),
            Map.entry(110, new Text("ETIMEDOUT", "Connection timed out")),
            Map.entry(111, new Text("ECONNREFUSED", "Connection refused")),
            Map.entry(112, new Text("EHOSTDOWN", "Host is down")),
            Map.entry(113, new Text("EHOSTUNREACH", "No route to host")),
            Map.entry(114, new Text("EALREADY", "Operation already in progress")),
            Map.entry(115, new Text("EINPROGRESS", "Operation now in progress")),
            Map.entry(116, new Text("ESTALE", "Stale file handle")),
            Map.entry(117, new Text("EUCLEAN", "Structure needs cleaning")),
            Map.entry(118, new Text("ENOTNAM", "Not a XENIX named type file")),
            Map.entry(119, new Text("ENAVAIL", "No XENIX semaphores available")),
            Map.entry(120, new Text("EISNAM", "Is a named type file")),
            Map.entry(121, new Text("EREMOTEIO", "Remote I/O error")),
            Map.entry(122, new Text("EDQUOT", "Disk quota exceeded")),
            Map.entry(123, new Text("ENOMEDIUM", "No medium found")),
            Map.entry(124, new Text("EMEDIUMTYPE", "Wrong medium type")),
            Map.entry(125, new Text("ECANCELED", "Operation canceled")),
            Map.entry(126, new Text("ENOKEY", "Required key not available")),
            Map.entry(127, new Text("EKEYEXPIRED", "Key has expired")),
            Map.entry(128, new Text("EKEYREVOKED", "Key has been revoked")),
            Map.entry(129, new Text("EKEYREJECTED", "Key was rejected by service")),
            Map.entry(130, new Text("EOWNERDEAD", "Owner died")),
            Map.entry(131, new Text("ENOTRECOVERABLE", "State not recoverable")),
            Map.entry(132, new Text("ERFKILL", "Operation not possible due to RF-kill")));

    private record Text(String name, String description) {}

    private Errno() {}

    /** The symbolic name, such as {@code EINVAL}, or {@code errno 523} for a number that has none. */
    public static String name(int errno) {
        Text text = TEXTS.get(errno);
        return text == null ? "errno " + errno : text.name();
    }

    /** Name and text, such as {@code EINVAL (Invalid argument)}. */
    public static String describe(int errno) {
        return name(errno) + " (" + text(errno) + ")";
    }

    /** The text alone, such as {@code Invalid argument}. */
    public static String text(int errno) {
        Text text = TEXTS.get(errno);
        return text == null ? "Unknown error " + errno : text.description();
    }
}
