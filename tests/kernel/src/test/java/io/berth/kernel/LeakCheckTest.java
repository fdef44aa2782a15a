package io.berth.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What counts as left behind, and what is others' matter. */
@Tag("kernel")
@ExtendWith(RootCondition.class)
class LeakCheckTest {
    private static final long PID = ProcessHandle.current().pid();

    @TempDir
    Path directory;

    @Test
    void mountsBelowTheTestsDirectoriesCount() throws Exception {
        Path own = Files.createDirectory(directory.resolve("own"));
        Path others = Files.createTempDirectory("others");
        Set<String> before = LeakCheck.held();
        try {
            run("mount", "-t", "tmpfs", "none", others.toString());
            run("mount", "-t", "tmpfs", "none", own.toString());
            Set<String> more = since(before);
            assertEquals(1, more.size(), more.toString());
            assertTrue(more.iterator().next().contains(own.toString()), more.toString());
        } finally {
            run("umount", own.toString());
            run("umount", others.toString());
            Files.delete(others);
        }
        assertEquals(Set.of(), since(before));
    }

    @Test
    void groupsOfThisVirtualMachineCount() throws IOException {
        Path hierarchy = writableHierarchy();
        Path own = hierarchy.resolve("berth-leak-" + PID);
        Path others = hierarchy.resolve("berth-leak-" + (PID + 1));
        Set<String> before = LeakCheck.held();
        try {
            Files.createDirectory(own);
            Files.createDirectory(others);
            assertEquals(Set.of("cgroup " + own), since(before));
        } finally {
            Files.deleteIfExists(own);
            Files.deleteIfExists(others);
        }
    }

    @Test
    void childrenAndDescriptorsCount() throws Exception {
        Set<String> before = LeakCheck.held();
        Process child = new ProcessBuilder("sleep", "1000").start();
        try (var opened = Files.newInputStream(Files.createFile(directory.resolve("file")))) {
            Set<String> more = since(before);
            assertTrue(more.stream().anyMatch(line -> line.startsWith("process " + child.pid())), more.toString());
            assertTrue(more.stream().anyMatch(line -> line.endsWith("/file")), more.toString());
            assertEquals(-1, opened.read());
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertFalse(since(before).stream().anyMatch(line -> line.startsWith("process ")));
    }

    private static Set<String> since(Set<String> before) {
        Set<String> more = new TreeSet<>(LeakCheck.held());
        more.removeAll(before);
        return more;
    }

    private static Path writableHierarchy() throws IOException {
        try (var entries = Files.list(Path.of("/sys/fs/cgroup"))) {
            List<Path> pids = entries.filter(path -> path.endsWith("pids") || path.endsWith("cgroup.procs"))
                    .toList();
            return pids.getFirst().endsWith("pids") ? pids.getFirst() : Path.of("/sys/fs/cgroup");
        }
    }

    private static void run(String... command) throws Exception {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), String.join(" ", command));
    }
}
