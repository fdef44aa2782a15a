package io.berth.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the device programs of version 2 decide, by running them here. */
class DeviceProgramTest {
    private static final int BLOCK = 1;
    private static final int CHARACTER = 2;

    /** Runs a program as the kernel does (struct bpf_cgroup_dev_ctx: access and type, major, minor); true allows. */
    private static boolean allows(DevicePolicy policy, int type, String access, int major, int minor) {
        int bits = (access.contains("m") ? 1 : 0) | (access.contains("r") ? 2 : 0) | (access.contains("w") ? 4 : 0);
        int[] context = {bits << 16 | type, major, minor};
        ByteBuffer program = ByteBuffer.wrap(DeviceProgram.of(policy)).order(ByteOrder.LITTLE_ENDIAN);
        long[] registers = new long[11];
        for (int next = 0; ; next++) {
            int opcode = program.get(next * 8) & 0xff;
            int target = program.get(next * 8 + 1) & 0xf;
            int source = program.get(next * 8 + 1) >> 4 & 0xf;
            int offset = program.getShort(next * 8 + 2);
            int immediate = program.getInt(next * 8 + 4);
            switch (opcode) {
                case 0x61 -> registers[target] = context[offset / 4] & 0xffffffffL;
                case 0xbf -> registers[target] = registers[source];
                case 0xb7 -> registers[target] = immediate;
                case 0x57 -> registers[target] &= immediate;
                case 0x77 -> registers[target] >>>= immediate;
                case 0x55 -> next += registers[target] == immediate ? 0 : offset;
                case 0x5d -> next += registers[target] == registers[source] ? 0 : offset;
                case 0x95 -> {
                    return registers[0] == 1;
                }
                default -> throw new AssertionError("instruction " + Integer.toHexString(opcode));
            }
        }
    }

    @Test
    void containersHaveTheUsualDevicesAndMayMakeAllNodes() {
        DevicePolicy usual = DevicePolicy.CONTAINER_DEFAULT;
        assertThat(allows(usual, CHARACTER, "rw", 1, 3)).as("null").isTrue();
        assertThat(allows(usual, CHARACTER, "rw", 136, 7)).as("a terminal").isTrue();
        assertThat(allows(usual, BLOCK, "m", 254, 0)).as("making a disk's node").isTrue();
        assertThat(allows(usual, BLOCK, "r", 254, 0)).as("reading a disk").isFalse();
        assertThat(allows(usual, BLOCK, "rw", 1, 3))
                .as("a RAM disk of null's number")
                .isFalse();
        assertThat(allows(usual, CHARACTER, "r", 1, 1)).as("mem").isFalse();
        assertThat(allows(usual, CHARACTER, "rw", 10, 229)).as("fuse").isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "b 8:* r, 1, r, 8, 3, true",
        "b 8:* r, 1, rw, 8, 3, false",
        "b 8:* r, 1, r, 9, 3, false",
        "b 8:* r, 2, r, 8, 3, false",
        "c 10:229 rwm, 2, rwm, 10, 229, true",
        "c 10:229 rwm, 2, r, 10, 228, false",
        "c *:7 w, 2, w, 4, 7, true",
        "c *:7 w, 2, r, 4, 7, false",
        "a *:* rwm, 1, rwm, 254, 0, true"
    })
    void rulesAllowWhatTheySayAndNothingElse(
            String rule, int type, String access, int major, int minor, boolean allowed) {
        DevicePolicy policy =
                DevicePolicy.CONTAINER_DEFAULT.allowing(List.of(DeviceRule.parse("c 11:11 r"), DeviceRule.parse(rule)));
        assertThat(allows(policy, type, access, major, minor)).isEqualTo(allowed);
    }
}
