package io.berth.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a service's process holds.
 *
 * @param residentBytes VmRSS: heap, code, threads and mapped files
 * @param heapBytes live objects on the heap, after a full collection
 */
record ServiceMemory(long residentBytes, long heapBytes) {
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern HEAP = Pattern.compile("total \\d+K, used (\\d+)K");

    /** Collects garbage in the service and looks. */
    static ServiceMemory of(long pid) {
        String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String process = Long.toString(pid);
        // The second one frees what references and cleaners held on to during the first.
        Shell.run(List.of(tool, process, "GC.run"));
        Shell.run(List.of(tool, process, "GC.run"));
        Matcher heap = HEAP.matcher(Shell.run(List.of(tool, process, "GC.heap_info")));
        long used = 0;
        while (heap.find()) {
            used += Long.parseLong(heap.group(1)) * 1024;
        }
        return new ServiceMemory(residentBytes(pid), used);
    }

    static long residentBytes(long pid) {
        try {
            Matcher resident = RESIDENT.matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
            if (!resident.find()) {
                throw new IllegalStateException("no VmRSS of process " + pid);
            }
            return Long.parseLong(resident.group(1)) * 1024;
        } catch (IOException e) {
            throw new UncheckedIOException("process " + pid, e);
        }
    }
}
