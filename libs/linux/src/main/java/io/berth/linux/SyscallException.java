package io.berth.linux;

/**
 * A system call that the kernel refused, for example
 * {@code mount(overlay, /x/merged) failed: EINVAL (Invalid argument)}.
 *
 * <p>Carries the data a caller needs to decide: the call's own name, what it was called on, and the error number.
 * Features translate it to an error kind at their edge; it is never shown to a client as it is.
 */
public final class SyscallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final String subject;
    private final int errno;

    /**
     * @param call the call's name as in its man page, such as {@code openat2}
     * @param subject what it was called on, for the reader: a path, a descriptor, a pid
     * @param errno the error number, positive
     */
    public SyscallException(String call, String subject, int errno) {
        super(call + "(" + subject + ") failed: " + Errno.describe(errno));
        this.call = call;
        this.subject = subject;
        this.errno = errno;
    }

    public String call() {
        return call;
    }

    public String subject() {
        return subject;
    }

    public int errno() {
        return errno;
    }
}
