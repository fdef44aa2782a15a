/**
 * Launch programs: starting a process in new namespaces from a JVM without a helper binary.
 *
 * <p>A {@link io.berth.linux.launch.LaunchProgram} is a list of named system calls that a child makes between
 * {@code clone3} and {@code execve}. It is plain data, so policy is tested by reading
 * {@link io.berth.linux.launch.LaunchProgram#steps()} back, without root:
 *
 * <pre>{@code
 * var program = LaunchProgram.builder();
 * var null0 = program.files().openat(FdArgument.CWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
 * program.files().dup3(null0, 0, 0);
 * program.named("proc").mounts().mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, null);
 * program.credentials().noNewPrivileges();
 * program.process().resetSignals();
 * program.files().closeOnExecFrom(3);
 * program.process().execve("/bin/sh", List.of("sh"), List.of("PATH=/bin"));
 *
 * try (Launcher launcher = Launcher.open()) {
 *     Launched shell = launcher.launch(program.build(), LaunchOptions.inNewNamespaces(Set.of(Namespace.MOUNT, Namespace.PID)));
 *     ...
 * }
 * }</pre>
 *
 * <p>A step that opens something returns an {@link io.berth.linux.launch.Argument.Result}, which later steps take as
 * their descriptor: the child stores the number into their arguments. A failure is told by the step's name and error
 * number ({@link io.berth.linux.launch.LaunchException}); the child is reaped by then.
 *
 * <p>The child shares this process's memory until it executes the program, as after {@code vfork}. What follows from
 * that is written at {@link io.berth.linux.launch.Launcher}.
 */
@NullMarked
package io.berth.linux.launch;

import org.jspecify.annotations.NullMarked;
