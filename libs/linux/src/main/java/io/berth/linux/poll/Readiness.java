package io.berth.linux.poll;

/**
 * What {@code epoll} said about a descriptor.
 *
 * @param readable a read will not block; it may return the end of file
 * @param writable a write will not block
 * @param hungUp the other side is gone (EPOLLHUP): what is still in the pipe can be read, then comes the end of file. Of a
 *     terminal's master side it means that nobody has the other side open at the moment
 * @param failed a write will fail (EPOLLERR), as into a pipe that nobody reads
 */
public record Readiness(boolean readable, boolean writable, boolean hungUp, boolean failed) {
    private static final int EPOLLIN = 0x001;
    private static final int EPOLLOUT = 0x004;
    private static final int EPOLLERR = 0x008;
    private static final int EPOLLHUP = 0x010;

    static Readiness of(int events) {
        return new Readiness(
                (events & EPOLLIN) != 0, (events & EPOLLOUT) != 0, (events & EPOLLHUP) != 0, (events & EPOLLERR) != 0);
    }
}
