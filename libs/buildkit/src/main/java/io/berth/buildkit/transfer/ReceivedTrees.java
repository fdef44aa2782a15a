package io.berth.buildkit.transfer;

import io.berth.buildkit.CacheRecord;
import io.berth.buildkit.ClientSession.TransferProgress;
import io.berth.buildkit.LocalDirectory.Comparison;
import io.berth.buildkit.ReceivedTree;
import io.berth.buildkit.rpc.Duplex;
import io.berth.buildkit.wire.WireProto.Packet;
import io.berth.docker.DockerJson;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.Resolution;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Where clients' directories are kept, so that only what has changed is sent for the next build.
 *
 * <p>One directory of this host, nobody else's, with one tree for each name under which a client sends a directory. A tree
 * belongs to one build at a time; another one that wants the same at that time gets a new one, which goes when it is given
 * back. Trees that are given back stay until {@link #remove}. Safe for several threads.
 */
public final class ReceivedTrees implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReceivedTrees.class);
    private static final String TREE = "tree";
    private static final String INCOMING = "incoming";
    private static final String INFO = "info.json";
    private static final int MAX_INFO_BYTES = 64 * 1024;
    private static final int NAME_DIGITS = 32;
    private static final Pattern LASTING = Pattern.compile("[0-9a-f]{32}");

    private final Directory root;
    private final TransferLimits limits;
    private final Clock clock;
    private final Set<String> inUse = new HashSet<>();
    private long extra;

    /**
     * @param path is made when it does not exist; what earlier runs left half done is removed
     */
    public ReceivedTrees(Path path, TransferLimits limits, Clock clock) {
        this.limits = limits;
        this.clock = clock;
        try {
            // Closed to all others, since clients' files may have set-id bits.
            Files.createDirectories(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + path, e);
        }
        this.root = Directory.open(path, Resolution.BENEATH_NO_SYMLINKS);
        for (DirectoryEntry entry : root.list()) {
            if (!LASTING.matcher(entry.name()).matches()) {
                root.deleteRecursively(entry.name());
            }
        }
    }

    /**
     * What is kept beside a tree.
     *
     * @param name of the client's directory
     * @param bytes of its files
     */
    private record Info(String name, long bytes, Instant created, Instant lastUsed, int usageCount) {}

    /**
     * Brings a tree up to date and hands it out.
     *
     * @param key names it across sessions, any text; empty where it is of use to this build only
     * @param name shown to users
     * @param call to the client, just opened; belongs to the caller
     */
    public ReceivedTree receive(
            String key, String name, Comparison comparison, Duplex<Packet, Packet> call, TransferProgress progress)
            throws IOException, InterruptedException {
        Slot slot = take(key);
        try {
            long bytes;
            try (Directory tree = slot.home.openDirectory(TREE);
                    Directory incoming = slot.home.openDirectory(INCOMING)) {
                bytes = new TreeReceiver(call, limits, progress)
                        .receive(tree, incoming, comparison == Comparison.METADATA);
            }
            slot.used(name, bytes);
            return slot.handOut();
        } catch (Throwable e) {
            slot.giveBack();
            throw e;
        }
    }

    private Slot take(String key) throws IOException {
        String name;
        synchronized (this) {
            String lasting =
                    Digest.sha256(key.getBytes(StandardCharsets.UTF_8)).hex().substring(0, NAME_DIGITS);
            name = key.isEmpty() || inUse.contains(lasting) ? lasting + "." + extra++ : lasting;
            inUse.add(name);
        }
        try {
            root.mkdirs(name, 0_700).close();
            return new Slot(name, root.openDirectory(name));
        } catch (SyscallException e) {
            release(name);
            throw new IOException("cannot store the client's files: " + e.getMessage(), e);
        }
    }

    private synchronized void release(String name) {
        inUse.remove(name);
    }

    private synchronized boolean isInUse(String name) {
        return inUse.contains(name);
    }

    /** What is kept, in no order. */
    public List<CacheRecord> records() {
        List<CacheRecord> records = new ArrayList<>();
        for (DirectoryEntry entry : root.list()) {
            if (LASTING.matcher(entry.name()).matches()) {
                @Nullable Info info = readInfo(entry.name());
                if (info != null) {
                    records.add(new CacheRecord(
                            entry.name(),
                            "source.local",
                            "local source for " + info.name(),
                            List.of(),
                            info.bytes(),
                            true,
                            isInUse(entry.name()),
                            false,
                            info.created(),
                            info.lastUsed(),
                            info.usageCount()));
                }
            }
        }
        return records;
    }

    private @Nullable Info readInfo(String name) {
        try (Directory home = root.openDirectory(name)) {
            return DockerJson.REQUESTS.readValue(home.readRegular(INFO, MAX_INFO_BYTES), Info.class);
        } catch (SyscallException | JacksonException e) {
            // Not yet received for the first time, or removed meanwhile.
            LOG.atDebug().setCause(e).addKeyValue("tree", name).log("no information on a received tree");
            return null;
        }
    }

    /**
     * Removes what is kept.
     *
     * @param id of a {@link #records record}
     * @return whether it is gone; false while it is in use
     */
    public boolean remove(String id) {
        if (!LASTING.matcher(id).matches()) {
            return false;
        }
        synchronized (this) {
            if (!inUse.add(id)) {
                return false;
            }
        }
        try {
            root.deleteRecursively(id);
            return true;
        } finally {
            release(id);
        }
    }

    @Override
    public void close() {
        root.close();
    }

    /** A tree that somebody uses. */
    private final class Slot {
        final String name;
        final Directory home;

        Slot(String name, Directory home) {
            this.name = name;
            this.home = home;
            home.mkdirs(TREE, 0_755).close();
            home.deleteRecursively(INCOMING);
            home.mkdir(INCOMING, 0_700);
        }

        void used(String shownName, long bytes) {
            @Nullable Info before = readInfo(name);
            Instant now = clock.instant();
            Info info = new Info(
                    shownName,
                    bytes,
                    before == null ? now : before.created(),
                    now,
                    before == null ? 1 : before.usageCount() + 1);
            home.deleteRecursively(INFO);
            try (var file = home.createFile(INFO, 0_600)) {
                byte[] json = DockerJson.MAPPER.writeValueAsBytes(info);
                file.write(json, 0, json.length);
            }
        }

        ReceivedTree handOut() {
            // Its links are the client's: they resolve as in the client's own root.
            try (Directory tree = home.openDirectory(TREE)) {
                Directory handed = Directory.own(tree.fd().duplicate(), Resolution.IN_ROOT);
                return new HandedOut(handed, this);
            }
        }

        void giveBack() {
            try (home) {
                if (!LASTING.matcher(name).matches()) {
                    root.deleteRecursively(name);
                }
            } catch (SyscallException e) {
                LOG.atWarn().setCause(e).addKeyValue("tree", name).log("cannot remove a received tree");
            } finally {
                release(name);
            }
        }
    }

    private static final class HandedOut implements ReceivedTree {
        private final Directory root;
        private @Nullable Slot slot;

        HandedOut(Directory root, Slot slot) {
            this.root = root;
            this.slot = slot;
        }

        @Override
        public Directory root() {
            return root;
        }

        @Override
        public synchronized void close() {
            if (slot != null) {
                root.close();
                slot.giveBack();
                slot = null;
            }
        }
    }
}
