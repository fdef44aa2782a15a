package io.berth.linux.launch;

import io.berth.linux.fd.Fd;

/**
 * An argument that stands for a descriptor in the child, or for another number.
 *
 * <p>The child starts with a copy of this process's descriptor table, so a descriptor open here has the same number
 * there.
 */
public sealed interface FdArgument extends Argument {
    /** {@code AT_FDCWD}: paths are relative to the child's working directory. */
    Value CWD = new Value(-100);

    /** A descriptor that is open in this process when the program is launched. */
    static Open of(Fd fd) {
        return new Open(fd);
    }

    /** A descriptor by its number, such as 0, 1 and 2. */
    static Value number(int fd) {
        return new Value(fd);
    }

    /** A number known beforehand. */
    record Value(long value) implements FdArgument {
        @Override
        public String toString() {
            return value >= -4096 && value < 4096 ? Long.toString(value) : "0x" + Long.toHexString(value);
        }
    }

    /** A descriptor of this process; must be open until the launch has returned. */
    record Open(Fd fd) implements FdArgument {
        @Override
        public String toString() {
            return "fd(" + fd.description() + ")";
        }
    }

    /**
     * What an earlier step returned in the child.
     *
     * @param step the step's index, from 0
     * @param name the step's name
     */
    record Result(int step, String name) implements FdArgument {
        @Override
        public String toString() {
            return "result(" + name + ")";
        }
    }
}
