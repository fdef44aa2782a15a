package io.berth.linux;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Kernel parameters below /proc/sys (proc_sys(5)).
 *
 * <p>They have to be read in one call: a number is at its end after the first read, however short that was, and the JDK's
 * {@code Files.readString} begins with a read of one byte because the file's size is zero. Of 32768 it returns 3.
 *
 * <p>Those below {@code net} are those of the calling thread's network namespace.
 */
public final class Sysctl {
    private static final int MAX_BYTES = 4096;

    private Sysctl() {}

    /**
     * The value as text, without the line's end.
     *
     * @param name with slashes, such as {@code kernel/pid_max}
     * @throws UncheckedIOException when there is no such parameter
     */
    public static String text(String name) {
        try (InputStream in = new FileInputStream("/proc/sys/" + name)) {
            byte[] text = new byte[MAX_BYTES];
            int length = in.read(text);
            return length < 0 ? "" : new String(text, 0, length, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the kernel parameter " + name, e);
        }
    }

    /**
     * The value as a number.
     *
     * @throws UncheckedIOException when there is no such parameter
     * @throws NumberFormatException when it is no single number
     */
    public static long number(String name) {
        return Long.parseLong(text(name));
    }

    /** Whether this kernel, and the calling thread's namespaces, have a parameter. */
    public static boolean exists(String name) {
        return Files.exists(Path.of("/proc/sys/" + name));
    }

    /**
     * Sets a parameter.
     *
     * @throws UncheckedIOException naming it and the value when there is none, or the kernel refuses the value
     */
    public static void set(String name, String value) {
        // One write: the kernel takes what each brings as a whole value.
        try (OutputStream out = new FileOutputStream("/proc/sys/" + name)) {
            out.write(value.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot set the kernel parameter " + name + " to " + value, e);
        }
    }
}
