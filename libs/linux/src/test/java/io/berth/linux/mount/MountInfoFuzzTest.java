package io.berth.linux.mount;

import io.berth.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Tables of mounts of kernels that are not known. */
class MountInfoFuzzTest {
    @Test
    void tables() {
        Fuzzer.of("mountinfo")
                .examples(
                        "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n",
                        "1 2 0:5 / /a\\040b rw shared:7 master:8 propagate_from:2 - tmpfs  rw\n")
                .words(" - ", "\\040", "\\377", "shared:", " ", ":")
                .refusesBy(IllegalArgumentException.class)
                .runText(MountInfo::parse);
    }
}
