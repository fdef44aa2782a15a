package io.berth.linux.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessIdentityTest {
    /** A line as Linux 6.18 writes it. */
    private static String stat(String command, String state, int threads, int sleeps, int exitCode) {
        return "7 (" + command + ") " + state + " 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 " + threads
                + " 0 98765 1000 10 18446744073709551615 1 2 3 4 5 0 0 0 0 " + sleeps
                + " 0 0 17 1 0 0 0 0 0 1 2 3 4 5 6 7 " + exitCode + "\n";
    }

    @Test
    void readsPastACommandThatLooksLikeFields() {
        ProcessStat stat = ProcessStat.parse(stat("a) R 1 (2) x", "S", 1, 1, 0));
        assertThat(stat.startTimeTicks()).isEqualTo(98765);
        assertThat(stat.state()).isEqualTo('S');
        assertThat(stat.waitStatus()).isEmpty();
    }

    @Test
    void trustsTheStatusOnlyOfAProcessThatHasEndedAndMayBeRead() {
        assertThat(ProcessStat.parse(stat("sh", "Z", 1, 1, 0x2a00)).waitStatus())
                .contains(0x2a00);
        assertThat(ProcessStat.parse(stat("sh", "Z", 1, 1, 0)).waitStatus()).contains(0);
        assertThat(ProcessStat.parse(stat("sh", "Z", 1, 0, 0)).waitStatus()).isEmpty();
        assertThat(ProcessStat.parse(stat("sh", "Z", 2, 1, 0)).waitStatus()).isEmpty();
        assertThat(ProcessStat.parse(stat("sh", "R", 1, 1, 0)).waitStatus()).isEmpty();
    }

    @Test
    void isTheSameForARunningProcessAndDiffersFromOthers() throws IOException {
        int self = Math.toIntExact(ProcessHandle.current().pid());
        ProcessIdentity identity = ProcessIdentity.read(self).orElseThrow();
        assertThat(ProcessIdentity.read(self)).contains(identity);
        assertThat(ProcessIdentity.read(4_194_303)).isEmpty();
        assertThat(ProcessIdentity.bootId()).hasSize(36);
    }

    @Test
    void decodesWaitStatuses() {
        assertThat(ExitStatus.ofWaitStatus(0)).isEqualTo(new ExitStatus.Exited(0));
        assertThat(ExitStatus.ofWaitStatus(0x2a00)).isEqualTo(new ExitStatus.Exited(42));
        assertThat(ExitStatus.ofWaitStatus(9)).isEqualTo(new ExitStatus.Signaled(9, false));
        assertThat(ExitStatus.ofWaitStatus(11 | 0x80)).isEqualTo(new ExitStatus.Signaled(11, true));
        assertThat(new ExitStatus.Unknown().shellCode()).isEmpty();
    }
}
