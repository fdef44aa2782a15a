package io.berth.engine.runtime;

/**
 * What a process has as its standard streams.
 *
 * @param tty one terminal for all three, instead of three pipes
 * @param stdin whether the process can be written to; else it reads end of file at once (a tty is always writable)
 * @param stdinOnce close the process's input when the first writer is done (Docker's StdinOnce)
 */
public record StdioMode(boolean tty, boolean stdin, boolean stdinOnce) {}
