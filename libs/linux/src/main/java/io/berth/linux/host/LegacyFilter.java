package io.berth.linux.host;

import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The {@code filter} table of iptables as it was before nftables (linux/netfilter_ipv4/ip_tables.h and its sibling for IPv6),
 * which nftables does not show. Of the calling thread's network namespace.
 */
enum LegacyFilter {
    IPV4("ip_tables_names", 2, 0, 88),
    IPV6("ip6_tables_names", 10, 41, 140);

    /** struct ipt_getinfo: name[32], u32 valid_hooks, u32 hook_entry[5], u32 underflow[5], u32 num_entries, u32 size. */
    static final int INFO_SIZE = 84;

    static final int INFO_UNDERFLOW = 56;
    static final int INFO_TABLE_SIZE = 80;

    /** struct ipt_get_entries: name[32], u32 size, entries. */
    static final int ENTRIES_SIZE = 32;

    static final int ENTRIES_TABLE = 40;

    /** struct xt_standard_target: a head of 32 bytes, int verdict. */
    static final int TARGET_VERDICT = 32;

    private static final int GET_INFO = 64;
    private static final int GET_ENTRIES = 65;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0_2000000;
    private static final int IPPROTO_RAW = 255;
    private static final int NF_INET_FORWARD = 2;
    private static final int DROP = -1; // -NF_DROP - 1
    private static final int LARGEST_TABLE = 64 << 20;

    private final String names;
    private final int addressFamily;
    private final int level;
    /** In struct ipt_entry or ip6t_entry. */
    private final int targetOffset;

    LegacyFilter(String names, int addressFamily, int level, int targetOffset) {
        this.names = names;
        this.addressFamily = addressFamily;
        this.level = level;
        this.targetOffset = targetOffset;
    }

    int targetOffset() {
        return targetOffset;
    }

    /**
     * Whether what its rules do not decide on is not forwarded. False where there is no such table (asking the kernel for one would
     * make it) or it cannot be read.
     */
    boolean dropsForwarded() {
        try {
            if (!Files.readAllLines(Path.of("/proc/thread-self/net", names)).contains("filter")) {
                return false;
            }
        } catch (IOException e) {
            return false; // a kernel without it
        }
        long opened = LibC.callRaw(SyscallNumber.SOCKET, addressFamily, SOCK_RAW_CLOEXEC, IPPROTO_RAW);
        if (opened < 0) {
            return false;
        }
        try (Fd socket = Fd.own((int) opened, "iptables");
                NativeBuffer info = NativeBuffer.acquire()) {
            if (!read(socket, GET_INFO, info, INFO_SIZE)) {
                return false;
            }
            int policy = info.bytes().getInt(INFO_UNDERFLOW + NF_INET_FORWARD * Integer.BYTES);
            int size = info.bytes().getInt(INFO_TABLE_SIZE);
            return size > 0 && size <= LARGEST_TABLE && drops(socket, policy, size);
        }
    }

    private boolean drops(Fd socket, int policy, int size) {
        try (NativeBuffer table = NativeBuffer.acquire(ENTRIES_TABLE + size)) {
            table.bytes().putInt(ENTRIES_SIZE, size);
            if (!read(socket, GET_ENTRIES, table, ENTRIES_TABLE + size)) {
                return false; // changed meanwhile
            }
            int entry = ENTRIES_TABLE + policy;
            int target = entry + Short.toUnsignedInt(table.bytes().getShort(entry + targetOffset));
            return table.bytes().getInt(target + TARGET_VERDICT) == DROP;
        }
    }

    /** The name of the table goes in where what is said of it comes out. */
    private boolean read(Fd socket, int option, NativeBuffer buffer, int size) {
        byte[] name = new byte[ENTRIES_SIZE];
        byte[] filter = "filter".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(filter, 0, name, 0, filter.length);
        buffer.bytes().put(0, name);
        try (NativeBuffer lengths = NativeBuffer.acquire()) {
            lengths.bytes().putInt(0, size);
            return LibC.callRaw(
                            SyscallNumber.GETSOCKOPT,
                            socket.value(),
                            level,
                            option,
                            buffer.address(),
                            lengths.address())
                    == 0;
        }
    }
}
