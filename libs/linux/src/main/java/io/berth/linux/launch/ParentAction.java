package io.berth.linux.launch;

/** What this process does for a child that waits, such as writing the id maps of its user namespace. */
@FunctionalInterface
public interface ParentAction {
    /**
     * Acts. When this fails the child is killed and the launch fails with this as its cause.
     *
     * @param pid the child's process id here; it cannot have been given to another process
     */
    void act(int pid) throws Exception;
}
