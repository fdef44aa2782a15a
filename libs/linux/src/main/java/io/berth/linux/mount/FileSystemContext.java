package io.berth.linux.mount;

import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.util.Set;

/**
 * A file system that is being configured (fsopen, fsconfig, fsmount; kernel 5.2): open it, set its parameters, create
 * it, mount it, close this. For one thread.
 *
 * <p>When the kernel refuses a step, the exception carries what it said in the context's log, such as
 * {@code overlay: Unknown parameter 'x'}.
 */
public final class FileSystemContext implements AutoCloseable {
    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSMOUNT_CLOEXEC = 1;
    private static final int SET_FLAG = 0;
    private static final int SET_STRING = 1;
    private static final int SET_FD = 5;
    private static final int CMD_CREATE = 6;

    /** The kernel copies at most this much of a string parameter, its NUL included (fs/fsopen.c). */
    static final int MAX_STRING = 256;

    private final String type;
    private final Fd fd;

    private FileSystemContext(String type, Fd fd) {
        this.type = type;
        this.fd = fd;
    }

    /**
     * Begins one.
     *
     * @param type such as {@code overlay} or {@code tmpfs}
     * @throws SyscallException ENODEV when the kernel does not know the type
     */
    public static FileSystemContext open(String type) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long opened = LibC.call(SyscallNumber.FSOPEN, type, buffer.addString(type), FSOPEN_CLOEXEC);
            return new FileSystemContext(type, Fd.own((int) opened, "fsopen " + type));
        }
    }

    /** Sets a parameter that has no value, such as {@code ro}. */
    public FileSystemContext set(String key) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            configure(key, SET_FLAG, buffer.addString(key), 0, 0);
        }
        return this;
    }

    /**
     * Sets a parameter; nothing in the value is special.
     *
     * @param value at most 255 bytes
     */
    public FileSystemContext set(String key, String value) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            configure(key + "=" + value, SET_STRING, buffer.addString(key), buffer.addString(value), 0);
        }
        return this;
    }

    /** Sets a parameter that takes an open file. */
    public FileSystemContext set(String key, Fd value) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            configure(key + "=" + value.description(), SET_FD, buffer.addString(key), 0, value.value());
        }
        return this;
    }

    /** Makes the file system (its superblock) as configured. */
    public FileSystemContext create() {
        configure("create", CMD_CREATE, 0, 0, 0);
        return this;
    }

    private void configure(String what, int command, long key, long value, int auxiliary) {
        long result = LibC.callRaw(SyscallNumber.FSCONFIG, fd.value(), command, key, value, auxiliary);
        if (result < 0) {
            throw failure(SyscallNumber.FSCONFIG, what, result);
        }
    }

    /** Makes a mount of it that is attached nowhere. */
    public DetachedMount mount(Set<MountAttribute> attributes) {
        long mounted =
                LibC.callRaw(SyscallNumber.FSMOUNT, fd.value(), FSMOUNT_CLOEXEC, MountAttribute.bits(attributes));
        if (mounted < 0) {
            throw failure(SyscallNumber.FSMOUNT, "", mounted);
        }
        return new DetachedMount(Fd.own((int) mounted, type));
    }

    private SyscallException failure(SyscallNumber call, String what, long result) {
        StringBuilder subject = new StringBuilder(type);
        if (!what.isEmpty()) {
            subject.append(", ").append(FileNameCodec.printable(what));
        }
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            // One read gives one message, "e text" (or "w", "i"); ENODATA ends them.
            long length = LibC.callRaw(SyscallNumber.READ, fd.value(), buffer.address(), 4096);
            while (length > 2) {
                byte[] message = new byte[(int) length - 2];
                buffer.bytes().get(2, message);
                subject.append(": ").append(FileNameCodec.decode(message).strip());
                length = LibC.callRaw(SyscallNumber.READ, fd.value(), buffer.address(), 4096);
            }
        }
        return new SyscallException(call.callName(), subject.toString(), (int) -result);
    }

    @Override
    public void close() {
        fd.close();
    }
}
