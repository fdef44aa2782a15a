package io.berth.linux.launch;

import io.berth.linux.process.Pidfd;

/**
 * A process that has become its program, or has acted and exited as its program said.
 *
 * @param pid its number in this process's pid namespace
 * @param pidfd owned by the receiver, who waits for the process and closes it
 * @param lastStep the step that succeeded last: tells which of several programs was found
 */
public record Launched(int pid, Pidfd pidfd, Step lastStep) {}
