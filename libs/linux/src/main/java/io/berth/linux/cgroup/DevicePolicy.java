package io.berth.linux.cgroup;

/** Which device nodes a group's processes may use. */
public enum DevicePolicy {
    /** All of them. */
    ALL,
    /**
     * Making any node, but opening only null, zero, full, random, urandom, tty, ptmx and pseudo-terminals (runc:
     * libcontainer/specconv, AllowedDevices).
     */
    CONTAINER_DEFAULT
}
