package io.berth.linux.namespace;

import java.util.Set;

/** The kinds of namespace (namespaces(7)). */
public enum Namespace {
    MOUNT("mnt", 0x00020000),
    CGROUP("cgroup", 0x02000000),
    UTS("uts", 0x04000000),
    IPC("ipc", 0x08000000),
    USER("user", 0x10000000),
    PID("pid", 0x20000000),
    NETWORK("net", 0x40000000),
    TIME("time", 0x00000080);

    private final String fileName;
    private final long cloneFlag;

    Namespace(String fileName, long cloneFlag) {
        this.fileName = fileName;
        this.cloneFlag = cloneFlag;
    }

    /** The name below {@code /proc/<pid>/ns}. */
    public String fileName() {
        return fileName;
    }

    /** The {@code CLONE_NEW*} flag (linux/sched.h). */
    public long cloneFlag() {
        return cloneFlag;
    }

    /** The flags of several kinds. */
    public static long cloneFlags(Set<Namespace> namespaces) {
        long flags = 0;
        for (Namespace namespace : namespaces) {
            flags |= namespace.cloneFlag;
        }
        return flags;
    }
}
