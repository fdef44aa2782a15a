package io.berth.linux.terminal;

import io.berth.linux.launch.NativeTools;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminalLayoutTest {
    @TempDir
    Path directory;

    @Test
    void terminalCalls() throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("sizeof(struct winsize)", (long) Pty.WINSIZE_SIZE);
        expected.put("offsetof(struct winsize, ws_col)", 2L);
        expected.put("TIOCSPTLCK", 0x40045431L);
        expected.put("TIOCGPTN", 0x80045430L);
        expected.put("TIOCGPTPEER", 0x5441L);
        expected.put("TIOCGWINSZ", 0x5413L);
        expected.put("TIOCSWINSZ", 0x5414L);
        expected.put("O_NOCTTY", 0x100L);
        expected.put("O_CLOEXEC", 0x80000L);
        NativeTools.compareWithC(directory, List.of("<fcntl.h>", "<sys/ioctl.h>", "<sys/stat.h>"), expected);
    }
}
