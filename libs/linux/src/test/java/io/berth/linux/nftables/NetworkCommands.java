package io.berth.linux.nftables;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.nio.charset.StandardCharsets;

/** Runs commands in a test's network namespace, to see the kernel's state through others' eyes. */
public final class NetworkCommands {
    private NetworkCommands() {}

    /** Standard output of a shell's command, which must succeed. */
    public static String sh(Fd namespace, String command) {
        return Namespaces.callIn(namespace, Namespace.NETWORK, () -> {
            Process process = new ProcessBuilder("timeout", "20", "sh", "-ec", command)
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
            return output;
        });
    }

    /** Whether a shell's command succeeds. */
    public static boolean succeeds(Fd namespace, String command) {
        return sh(namespace, "if " + command + " >/dev/null 2>&1; then echo yes; else echo no; fi")
                .equals("yes\n");
    }
}
