package io.berth.linux.process;

import io.berth.linux.launch.NativeTools;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidfdLayoutTest {
    @TempDir
    Path directory;

    @Test
    void siginfo() throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("sizeof(siginfo_t)", (long) Pidfd.SIGINFO_SIZE);
        expected.put("offsetof(siginfo_t, si_code)", (long) Pidfd.SIGINFO_CODE);
        expected.put("offsetof(siginfo_t, si_pid)", (long) Pidfd.SIGINFO_PID);
        expected.put("offsetof(siginfo_t, si_status)", (long) Pidfd.SIGINFO_STATUS);
        expected.put("P_PIDFD", 3L);
        expected.put("WNOHANG", 1L);
        expected.put("WEXITED", 4L);
        expected.put("__WALL", 0x40000000L);
        expected.put("CLD_EXITED", 1L);
        expected.put("CLD_DUMPED", 3L);
        NativeTools.compareWithC(directory, List.of("<signal.h>", "<sys/wait.h>"), expected);
    }

    /** The structure is younger than most headers, so it is written out here as Linux 6.15 has it. */
    @Test
    void pidfdInfo() throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        String declaration = "struct info { __u64 mask, cgroupid; __u32 pid, tgid, ppid, ruid, rgid, euid, egid,"
                + " suid, sgid, fsuid, fsgid; __s32 exit_code; };";
        expected.put("sizeof(struct info)", (long) Pidfd.PIDFD_INFO_SIZE);
        expected.put("offsetof(struct info, exit_code)", (long) Pidfd.PIDFD_INFO_EXIT_CODE);
        expected.put("_IOWR(0xFF, 11, struct info)", Pidfd.PIDFD_GET_INFO);
        NativeTools.compareWithC(directory, List.of("<linux/types.h>", "<linux/ioctl.h>", declaration), expected);
    }
}
