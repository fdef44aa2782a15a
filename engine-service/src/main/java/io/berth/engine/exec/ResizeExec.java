package io.berth.engine.exec;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.ContainerLaunch.WindowSize;
import org.springframework.stereotype.Component;

/** Sets the size of execs' terminals. */
@Component
public final class ResizeExec {
    /**
     * @throws Conflict when it does not run
     * @throws InvalidParameter when it has no terminal
     */
    public void resize(Exec exec, WindowSize size) {
        if (!exec.order().tty()) {
            throw new InvalidParameter("exec " + exec.id() + " has no terminal");
        }
        if (!exec.running()) {
            throw new Conflict("cannot resize exec " + exec.id() + ": it is not running");
        }
        exec.process().ifPresent(process -> process.resize(size));
    }
}
