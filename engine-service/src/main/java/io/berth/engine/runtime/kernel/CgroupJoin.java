package io.berth.engine.runtime.kernel;

import io.berth.linux.cgroup.Cgroup;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.LaunchOptions;
import java.util.List;
import java.util.Optional;

/**
 * The open files by which one child joins a cgroup: in version 1 it writes to them itself, in version 2 it is cloned into a
 * directory. Closed when the child has been launched.
 */
record CgroupJoin(List<Fd> taskFiles, Optional<Fd> directory) implements AutoCloseable {
    static CgroupJoin open(Cgroup group) {
        return new CgroupJoin(group.openTasks(), group.openDirectory());
    }

    List<FdArgument> tasks() {
        return taskFiles.stream().<FdArgument>map(FdArgument::of).toList();
    }

    LaunchOptions apply(LaunchOptions options) {
        return directory.map(options::inCgroup).orElse(options);
    }

    @Override
    public void close() {
        taskFiles.forEach(Fd::close);
        directory.ifPresent(Fd::close);
    }
}
