package io.berth.linux.poll;

/** What to wait for. Hang-up and failure are always told. */
public enum Interest {
    READABLE(0x001),
    WRITABLE(0x004),
    BOTH(0x005),
    /** Something out of the ordinary (EPOLLPRI): how files of cgroups tell that they have changed. */
    PRIORITY(0x002);

    private final int events;

    Interest(int events) {
        this.events = events;
    }

    int events() {
        return events;
    }
}
