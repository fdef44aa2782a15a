package io.berth.linux.cgroup;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a group has used so far. Everything is since the group was made, but for memory and pids, which are now.
 *
 * @param memoryBytes with page cache
 * @param memoryLimitBytes {@code Long.MAX_VALUE} for none
 * @param memory the counters of {@code memory.stat}, by the kernel's names, which differ between the versions
 * @param cpuNanos processor time
 * @param userNanos of it, in programs
 * @param systemNanos of it, in the kernel
 * @param periods in which there was a quota
 * @param throttledPeriods in which it was used up
 * @param throttledNanos spent waiting for the next period
 * @param pids processes and threads
 * @param pidsLimit {@code Long.MAX_VALUE} for none
 * @param blockIo bytes read and written by device
 */
public record CgroupStats(
        long memoryBytes,
        long memoryLimitBytes,
        Map<String, Long> memory,
        long cpuNanos,
        long userNanos,
        long systemNanos,
        long periods,
        long throttledPeriods,
        long throttledNanos,
        long pids,
        long pidsLimit,
        List<BlockIo> blockIo) {
    /** Version 1 says "unlimited" as the greatest multiple of the page size. */
    private static final long VERSION_1_UNLIMITED = Long.MAX_VALUE - 0xFFFF;

    public CgroupStats {
        memory = Map.copyOf(memory);
        blockIo = List.copyOf(blockIo);
    }

    /**
     * What went to and from a block device.
     *
     * @param major of the device
     * @param minor of the device
     * @param readBytes from it
     * @param writtenBytes to it
     */
    public record BlockIo(int major, int minor, long readBytes, long writtenBytes) {}

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
        Map<String, long[]> byDevice = new LinkedHashMap<>();
        for (String line : text.split("\n")) {
            String[] words = line.split(" ");
            if (words.length == 3 && words[0].contains(":")) {
                long[] bytes = byDevice.computeIfAbsent(words[0], device -> new long[2]);
                switch (words[1]) {
                    case "Read" -> bytes[0] += Long.parseLong(words[2]);
                    case "Write" -> bytes[1] += Long.parseLong(words[2]);
                    default -> {
                        // Sync, Async, Discard and Total count the same bytes again, or none.
                    }
                }
            }
        }
        return blockIo(byDevice);
    }

    /** Version 2's {@code io.stat}: lines such as {@code 8:0 rbytes=4096 wbytes=0 rios=1 wios=0}. */
    static List<BlockIo> parseIoStat(String text) {
        Map<String, long[]> byDevice = new LinkedHashMap<>();
        for (String line : text.split("\n")) {
            String[] words = line.split(" ");
            if (words[0].contains(":")) {
                long[] bytes = byDevice.computeIfAbsent(words[0], device -> new long[2]);
                for (String word : words) {
                    if (word.startsWith("rbytes=")) {
                        bytes[0] = Long.parseLong(word.substring(7));
                    } else if (word.startsWith("wbytes=")) {
                        bytes[1] = Long.parseLong(word.substring(7));
                    }
                }
            }
        }
        return blockIo(byDevice);
    }

    private static List<BlockIo> blockIo(Map<String, long[]> byDevice) {
        List<BlockIo> devices = new ArrayList<>();
        byDevice.forEach((device, bytes) -> {
            int colon = device.indexOf(':');
            devices.add(new BlockIo(
                    Integer.parseInt(device.substring(0, colon)),
                    Integer.parseInt(device.substring(colon + 1)),
                    bytes[0],
                    bytes[1]));
        });
        return devices;
    }
}
