package io.berth.linux.cgroup;

import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.jna.LibC;
import io.berth.linux.poll.FdPoller;
import io.berth.linux.poll.FdWatch;
import io.berth.linux.poll.Interest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/**
 * Tells when the kernel runs out of the memory that a group may use. Two descriptors at most; thread-safe.
 *
 * <p>Version 1 signals an eventfd that is registered in {@code cgroup.event_control} (Documentation, cgroup-v1/memory, 10), just
 * before it kills. Version 2 wakes who polls {@code memory.events} with POLLPRI (cgroup-v2, memory.events).
 */
public final class OutOfMemoryWatch implements AutoCloseable {
    private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;
    /** Several times what memory.events has. */
    private static final int MOST_BYTES = 512;

    private final FileHandle file;
    private final Runnable listener;
    private final String key;
    private final byte[] buffer;
    private final FdWatch watch;
    private long seen;

    private OutOfMemoryWatch(FdPoller poller, FileHandle file, Interest interest, String key, Runnable listener) {
        this.file = file;
        this.key = key;
        this.listener = listener;
        this.buffer = new byte[key.isEmpty() ? Long.BYTES : MOST_BYTES];
        this.watch = poller.watchLater(file.fd(), interest, (self, readiness) -> look());
        this.seen = key.isEmpty() ? 0 : count();
    }

    /**
     * Watches a group of version 1.
     *
     * @param memory the group's directory in the hierarchy of the memory controller
     * @param listener runs on the poller's thread and must not block
     * @throws SyscallException when the group is gone
     */
    static OutOfMemoryWatch ofVersion1(Path memory, FdPoller poller, Runnable listener) {
        Fd events = Fd.own(
                (int) LibC.call(SyscallNumber.EVENTFD2, memory.toString(), 0, EFD_CLOEXEC_NONBLOCK),
                "eventfd of " + memory);
        try (Directory group = Directory.open(memory);
                FileHandle control = group.open("memory.oom_control", Set.of(OpenFlag.READ), 0);
                FileHandle register = group.open("cgroup.event_control", Set.of(OpenFlag.WRITE), 0)) {
            byte[] line = (events.value() + " " + control.fd().value()).getBytes(StandardCharsets.US_ASCII);
            register.write(line, 0, line.length);
            return begin(poller, new FileHandle(events), Interest.READABLE, "", listener);
        } catch (RuntimeException e) {
            events.close();
            throw e;
        }
    }

    /**
     * Watches a file of {@code key value} lines of version 2.
     *
     * @param key the listener is told when its value has grown
     * @throws SyscallException when the group is gone
     */
    static OutOfMemoryWatch ofVersion2(Path group, String name, String key, FdPoller poller, Runnable listener) {
        try (Directory directory = Directory.open(group)) {
            return begin(poller, directory.open(name, Set.of(OpenFlag.READ), 0), Interest.PRIORITY, key, listener);
        }
    }

    private static OutOfMemoryWatch begin(
            FdPoller poller, FileHandle file, Interest interest, String key, Runnable listener) {
        try {
            OutOfMemoryWatch begun = new OutOfMemoryWatch(poller, file, interest, key, listener);
            begun.watch.resume();
            return begun;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** On the poller's thread. Reading is what makes the kernel tell of the next one only. */
    private void look() {
        if (key.isEmpty()) {
            int _ = file.read(buffer, 0, buffer.length);
            listener.run();
            return;
        }
        long now = count();
        if (now > seen) {
            seen = now;
            listener.run();
        }
    }

    private long count() {
        int length = Math.max(0, file.readAt(0, buffer, 0, buffer.length));
        for (String line : new String(buffer, 0, length, StandardCharsets.US_ASCII).split("\n")) {
            if (line.startsWith(key + " ")) {
                return Long.parseLong(line.substring(key.length() + 1).strip());
            }
        }
        return 0;
    }

    @Override
    public void close() {
        watch.close();
        file.close();
    }
}
