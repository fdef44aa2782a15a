package io.berth.linux.cgroup;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a group has used so far. Everything is since the group was made, but for memory and pids, which are now.
 *
 * @param version of the cgroups that counted it: 1 or 2
 * @param memoryBytes with page cache
 * @param memoryMaxBytes the most it ever was; zero where the kernel does not keep it
 * @param memoryFailures how often the limit was hit (version 1: failcnt; version 2: the oom count of memory.events)
 * @param memoryLimitBytes {@code Long.MAX_VALUE} for none
 * @param memory the counters of {@code memory.stat}, by the kernel's names, which differ between the versions
 * @param cpuNanos processor time
 * @param perCpuNanos of it, on each CPU; empty for version 2, which does not count it
 * @param userNanos of it, in programs
 * @param systemNanos of it, in the kernel
 * @param onlineCpus how many CPUs the host has online
 * @param periods in which there was a quota
 * @param throttledPeriods in which it was used up
 * @param throttledNanos spent waiting for the next period
 * @param pids processes and threads
 * @param pidsLimit {@code Long.MAX_VALUE} for none
 * @param blockIoBytes bytes by device and operation
 * @param blockIoOperations their number by device and operation
 */
public record CgroupStats(
        int version,
        long memoryBytes,
        long memoryMaxBytes,
        long memoryFailures,
        long memoryLimitBytes,
        Map<String, Long> memory,
        long cpuNanos,
        List<Long> perCpuNanos,
        long userNanos,
        long systemNanos,
        int onlineCpus,
        long periods,
        long throttledPeriods,
        long throttledNanos,
        long pids,
        long pidsLimit,
        List<BlockIo> blockIoBytes,
        List<BlockIo> blockIoOperations) {
    /** Of no group at all. */
    public static final CgroupStats NONE = new CgroupStats(
            2,
            0,
            0,
            0,
            Long.MAX_VALUE,
            Map.of(),
            0,
            List.of(),
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            Long.MAX_VALUE,
            List.of(),
            List.of());

    /** Version 1 says "unlimited" as the greatest multiple of the page size. */
    private static final long VERSION_1_UNLIMITED = Long.MAX_VALUE - 0xFFFF;

    public CgroupStats {
        memory = Map.copyOf(memory);
        perCpuNanos = List.copyOf(perCpuNanos);
        blockIoBytes = List.copyOf(blockIoBytes);
        blockIoOperations = List.copyOf(blockIoOperations);
    }

    /**
     * What went to or from a block device.
     *
     * @param major of the device
     * @param minor of the device
     * @param operation version 1: {@code Read}, {@code Write}, {@code Sync}, {@code Async}, {@code Discard}, {@code Total};
     *     version 2: {@code read}, {@code write} (both as Docker gives them)
     * @param value bytes or operations
     */
    public record BlockIo(int major, int minor, String operation, long value) {}

    /** Memory as Docker's clients show it: without the file cache that the kernel would give up first. */
    public long memoryWithoutCacheBytes() {
        long cache = memory.getOrDefault("total_inactive_file", memory.getOrDefault("inactive_file", 0L));
        return cache < memoryBytes ? memoryBytes - cache : memoryBytes;
    }

    /** A flat-keyed file: lines of a name and a number; others are skipped. */
    static Map<String, Long> parseKeys(String text) {
        Map<String, Long> values = new LinkedHashMap<>();
        for (String line : text.split("\n")) {
            int space = line.indexOf(' ');
            if (space > 0 && line.substring(space + 1).strip().matches("\\d{1,19}")) {
                values.put(
                        line.substring(0, space),
                        Long.parseUnsignedLong(line.substring(space + 1).strip()));
            }
        }
        return values;
    }

    /** Numbers between spaces. */
    static List<Long> parseNumbers(String text) {
        List<Long> numbers = new ArrayList<>();
        for (String word : text.strip().split("\\s+")) {
            if (!word.isEmpty()) {
                numbers.add(Long.parseUnsignedLong(word));
            }
        }
        return numbers;
    }

    /** How many a list such as {@code 0-3,5} names. */
    static int countOf(String list) {
        int count = 0;
        for (String range : list.strip().split(",")) {
            int dash = range.indexOf('-');
            if (dash > 0) {
                count += Integer.parseInt(range.substring(dash + 1)) - Integer.parseInt(range.substring(0, dash)) + 1;
            } else if (!range.isEmpty()) {
                count++;
            }
        }
        return count;
    }

    /** A limit: a number, {@code max}, or nothing where the file does not exist. */
    static long parseLimit(String text) {
        String value = text.strip();
        if (value.isEmpty() || value.equals("max")) {
            return Long.MAX_VALUE;
        }
        long number = Long.parseUnsignedLong(value);
        return number < 0 || number >= VERSION_1_UNLIMITED ? Long.MAX_VALUE : number;
    }

    /** Version 1's {@code blkio.throttle.io_service_bytes_recursive}: lines such as {@code 8:0 Read 4096}. */
    static List<BlockIo> parseBlkio(String text) {
        List<BlockIo> found = new ArrayList<>();
        for (String line : text.split("\n")) {
            String[] words = line.split(" ");
            if (words.length == 3 && words[0].contains(":")) {
                found.add(blockIo(words[0], words[1], Long.parseLong(words[2])));
            }
        }
        return found;
    }

    /**
     * Version 2's {@code io.stat}: lines such as {@code 8:0 rbytes=4096 wbytes=0 rios=1 wios=0}.
     *
     * @param readKey which of the numbers is the one of reads
     * @param writeKey which of the numbers is the one of writes
     */
    static List<BlockIo> parseIoStat(String text, String readKey, String writeKey) {
        List<BlockIo> found = new ArrayList<>();
        for (String line : text.split("\n")) {
            String[] words = line.split(" ");
            if (words[0].contains(":")) {
                found.add(blockIo(words[0], "read", valueOf(words, readKey)));
                found.add(blockIo(words[0], "write", valueOf(words, writeKey)));
            }
        }
        return found;
    }

    private static long valueOf(String[] words, String key) {
        for (String word : words) {
            if (word.startsWith(key + "=")) {
                return Long.parseLong(word.substring(key.length() + 1));
            }
        }
        return 0;
    }

    private static BlockIo blockIo(String device, String operation, long value) {
        int colon = device.indexOf(':');
        return new BlockIo(
                Integer.parseInt(device.substring(0, colon)),
                Integer.parseInt(device.substring(colon + 1)),
                operation,
                value);
    }
}
