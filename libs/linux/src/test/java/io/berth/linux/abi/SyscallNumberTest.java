package io.berth.linux.abi;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.launch.NativeTools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every number against the kernel's headers, as the C preprocessor reads them. */
class SyscallNumberTest {
    @TempDir
    Path directory;

    @Test
    void x86NumbersAreTheHeaders() throws Exception {
        // gcc on another architecture has no such header; the numbers do not depend on where they are tested.
        compare(Architecture.X86_64, "#include <asm/unistd_64.h>\n", "x86_64");
    }

    @Test
    void aarch64NumbersAreTheHeaders() throws Exception {
        compare(Architecture.AARCH64, """
                #define __BITS_PER_LONG 64
                #define __ARCH_WANT_RENAMEAT
                #define __ARCH_WANT_NEW_STAT
                #define __ARCH_WANT_SET_GET_RLIMIT
                #define __ARCH_WANT_TIME32_SYSCALLS
                #define __ARCH_WANT_SYS_CLONE3
                #include <asm-generic/unistd.h>
                """, "");
    }

    private void compare(Architecture architecture, String headers, String machine) throws Exception {
        NativeTools.require("gcc");
        if (!machine.isEmpty()) {
            org.junit.jupiter.api.Assumptions.assumeTrue(
                    NativeTools.succeed(directory, "gcc", "-dumpmachine").startsWith(machine),
                    "the C compiler has no headers of " + machine);
        }
        StringBuilder source = new StringBuilder(headers);
        for (SyscallNumber call : SyscallNumber.values()) {
            source.append("\n#ifdef __NR_%1$s\nnumber %1$s (__NR_%1$s)\n#else\nmissing %1$s\n#endif\n"
                    .formatted(call.callName()));
        }
        Files.writeString(directory.resolve("numbers.h"), source.toString());
        String output = NativeTools.succeed(directory, "gcc", "-E", "-P", "numbers.h");
        List<String> missing = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        for (SyscallNumber call : SyscallNumber.values()) {
            String name = call.callName();
            if (output.contains("missing " + name + "\n")) {
                missing.add(name);
            } else if (!output.contains(expected(name, call.number(architecture)))) {
                wrong.add(name + ": " + call.number(architecture) + ", header: "
                        + output.lines()
                                .filter(line -> line.startsWith("number " + name + " ("))
                                .toList());
            }
        }
        assertThat(wrong).isEmpty();
        // Headers older than a call do not have it; all others must be there.
        assertThat(missing).as("calls unknown to the headers").hasSizeLessThan(SyscallNumber.values().length / 20);
    }

    private static String expected(String name, int number) {
        return "number " + name + " (" + number + ")";
    }
}
