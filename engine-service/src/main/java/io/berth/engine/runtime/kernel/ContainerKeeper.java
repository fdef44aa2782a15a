package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerId;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.keeper.Keeper;
import io.berth.linux.launch.LaunchException;
import io.berth.linux.launch.Launcher;
import io.berth.linux.process.ExitWatcher;
import io.berth.linux.process.Pidfd;
import io.berth.linux.process.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets what containers need of the engine outlive it: the reading sides of their output pipes with what is in them, the master
 * sides of their terminals, and the pidfds that tell how they ended. One {@link Keeper} process holds them for all containers
 * of an engine; the next engine takes them from it again.
 *
 * <p>A container has four numbers there: its directory, by which it is known again; standard output or the terminal; standard
 * error; its first process. They are given up once the container's end is on disk. The first container starts the keeper: an
 * engine that runs none and is killed leaves no process behind. When the keeper dies a new one is started and given everything
 * again. Keeping is no condition of running: a container whose files cannot be kept runs all the same, and
 * that is logged.
 */
final class ContainerKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerKeeper.class);
    private static final String RECORD = "keeper";

    private static final int NUMBERS = 4;
    private static final int OUTPUT = 1;
    private static final int PROCESS = 3;

    private final Path record;
    private final Launcher launcher;
    private final ExitWatcher exits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ContainerId, Block> blocks = new HashMap<>();
    private final BitSet taken = new BitSet();
    /** None before the first container, and when none could be started. */
    private @Nullable Keeper keeper;

    private boolean closed;

    /** What is kept for a container; the files are others' to close. */
    private static final class Block {
        private final int index;
        private final Path directory;
        private List<Fd> outputs = List.of();
        private Optional<Fd> process = Optional.empty();

        Block(int index, Path directory) {
            this.index = index;
            this.directory = directory;
        }

        int number(int offset) {
            return Keeper.FIRST_NUMBER + index * NUMBERS + offset;
        }
    }

    /**
     * What an earlier engine had kept, copied.
     *
     * @param outputs none, or the terminal, or standard output and error
     */
    record Recovered(List<Fd> outputs, Optional<Pidfd> process) {}

    private ContainerKeeper(Path record, Launcher launcher, ExitWatcher exits) {
        this.record = record;
        this.launcher = launcher;
        this.exits = exits;
    }

    /** Finds the keeper of an earlier engine with the same data directory, if there is one. */
    static ContainerKeeper open(Path dataDirectory, Launcher launcher, ExitWatcher exits) {
        ContainerKeeper opened = new ContainerKeeper(dataDirectory.resolve(RECORD), launcher, exits);
        find(opened.record).ifPresent(opened::takeOver);
        return opened;
    }

    private static Optional<Keeper> find(Path record) {
        try {
            String[] fields = Files.readString(record).strip().split(" ");
            // Identities of another boot mean nothing.
            return fields.length == 3 && fields[0].equals(ProcessIdentity.bootId())
                    ? Keeper.find(new ProcessIdentity(Integer.parseInt(fields[1]), Long.parseLong(fields[2])))
                    : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Keeper start(Path record, Launcher launcher) {
        Keeper started = Keeper.start(launcher);
        try {
            ProcessIdentity identity = started.identity();
            Files.createDirectories(record.toAbsolutePath().getParent());
            Files.writeString(
                    record, ProcessIdentity.bootId() + " " + identity.pid() + " " + identity.startTimeTicks() + "\n");
            return started;
        } catch (IOException e) {
            started.end();
            started.close();
            throw new UncheckedIOException("cannot record the keeper", e);
        }
    }

    /** Learns what is kept already; what belongs to no container is given up. */
    private void takeOver(Keeper found) {
        keeper = found;
        NavigableMap<Integer, String> kept;
        try {
            kept = found.kept();
        } catch (IOException e) {
            kept = new TreeMap<>(); // it has just ended, and will be started again
        }
        Set<Integer> indices = new java.util.TreeSet<>();
        kept.keySet().forEach(number -> indices.add((number - Keeper.FIRST_NUMBER) / NUMBERS));
        for (int index : indices) {
            Path directory = Path.of(kept.getOrDefault(Keeper.FIRST_NUMBER + index * NUMBERS, "none"));
            String name = directory.getFileName().toString();
            taken.set(index);
            Block block = new Block(index, directory);
            if (ContainerId.isValid(name)) {
                blocks.put(new ContainerId(name), block);
            } else {
                release(block);
            }
        }
        watch(found);
    }

    private void watch(Keeper watched) {
        CompletableFuture<Void> _ = exits.onExit(watched.process()).thenAccept(status -> ended(watched));
    }

    private void ended(Keeper ended) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            LOG.atWarn().addKeyValue("containers", blocks.size()).log("the keeper has ended");
            ended.close();
            keeper = null;
            if (!blocks.isEmpty()) {
                startAndKeepAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Starts a keeper, which gets everything; the next container tries again when that fails. */
    private void startAndKeepAll() {
        Keeper started;
        try {
            started = start(record, launcher);
        } catch (SyscallException | LaunchException | UncheckedIOException e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("containers", blocks.size())
                    .log("no keeper: files of containers are not kept");
            return;
        }
        keeper = started;
        blocks.forEach((id, block) -> {
            keepStreams(started, id, block);
            keepProcess(started, id, block);
        });
        watch(started);
    }

    /** Has a container's output kept, before it is started. */
    void keepStreams(ContainerId id, Path directory, ProcessStreams streams) {
        lock.lock();
        try {
            int index = taken.nextClearBit(0);
            taken.set(index);
            Block block = new Block(index, directory);
            block.outputs = outputs(streams);
            blocks.put(id, block);
            if (keeper == null) {
                startAndKeepAll();
            } else {
                keepStreams(keeper, id, block);
            }
        } finally {
            lock.unlock();
        }
    }

    private static List<Fd> outputs(ProcessStreams streams) {
        return streams.outputs().stream().map(output -> output.channel().fd()).toList();
    }

    private static void keepStreams(Keeper keeper, ContainerId id, Block block) {
        try (Directory directory = Directory.open(block.directory)) {
            List<Fd> files = new ArrayList<>();
            files.add(directory.fd());
            block.outputs.stream().filter(Fd::isOpen).forEach(files::add);
            keeper.keep(block.number(0), files);
        } catch (SyscallException e) {
            notKept(id, e);
        }
    }

    /** Has the first process kept, which has just been started. */
    void keepProcess(ContainerId id, Pidfd process) {
        lock.lock();
        try {
            Block block = blocks.get(id);
            if (block != null) {
                block.process = Optional.of(process.fd());
                if (keeper != null) {
                    keepProcess(keeper, id, block);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private static void keepProcess(Keeper keeper, ContainerId id, Block block) {
        try {
            if (block.process.filter(Fd::isOpen).isPresent()) {
                keeper.keep(block.number(PROCESS), List.of(block.process.get()));
            }
        } catch (SyscallException e) {
            notKept(id, e);
        }
    }

    /** A broken socket means that the keeper has ended: everything is sent again to the next one. */
    private static void notKept(ContainerId id, SyscallException e) {
        LOG.atWarn().setCause(e).addKeyValue("containerId", id).log("a container's files are not kept");
    }

    /** Copies of what an earlier engine had kept; empty when that was nothing. */
    Optional<Recovered> recover(ContainerId id, int pid) {
        lock.lock();
        try {
            Block block = blocks.get(id);
            if (block == null || keeper == null) {
                return Optional.empty();
            }
            List<Fd> outputs = new ArrayList<>();
            for (int number = OUTPUT; number < PROCESS; number++) {
                keeper.copy(block.number(number), "output of " + id).ifPresent(outputs::add);
            }
            Optional<Pidfd> process =
                    keeper.copy(block.number(PROCESS), "pidfd of " + pid).map(fd -> Pidfd.own(fd, pid));
            block.outputs = List.copyOf(outputs);
            block.process = process.map(Pidfd::fd);
            return Optional.of(new Recovered(outputs, process));
        } finally {
            lock.unlock();
        }
    }

    /** Gives up what is kept for a container; does nothing when that is nothing. */
    void forget(ContainerId id) {
        lock.lock();
        try {
            Block block = blocks.remove(id);
            if (block != null) {
                release(block);
            }
        } finally {
            lock.unlock();
        }
    }

    private void release(Block block) {
        taken.clear(block.index);
        if (keeper == null) {
            return;
        }
        try {
            keeper.drop(block.number(0), NUMBERS);
        } catch (SyscallException e) {
            LOG.atDebug().setCause(e).log("the keeper has ended, and given up everything by that");
        }
    }

    /**
     * What the keeper holds.
     *
     * @param files container to number
     * @param strays of no container
     */
    record Kept(Map<ContainerId, Integer> files, List<String> strays) {}

    /** What the keeper holds now; nothing when it is about to be started again. */
    Kept kept() {
        lock.lock();
        try {
            if (keeper == null) {
                return new Kept(Map.of(), List.of());
            }
            Map<Integer, ContainerId> owners = new HashMap<>();
            blocks.forEach((id, block) -> owners.put(block.index, id));
            Map<ContainerId, Integer> files = new HashMap<>();
            List<String> strays = new ArrayList<>();
            keeper.kept().forEach((number, target) -> {
                ContainerId owner = owners.get((number - Keeper.FIRST_NUMBER) / NUMBERS);
                if (owner == null) {
                    strays.add(target);
                } else {
                    files.merge(owner, 1, Integer::sum);
                }
            });
            return new Kept(files, strays);
        } catch (IOException e) {
            return new Kept(Map.of(), List.of());
        } finally {
            lock.unlock();
        }
    }

    /** Gives up what is kept for containers that are not among these. */
    void forgetOthers(Set<ContainerId> known) {
        lock.lock();
        try {
            Set.copyOf(blocks.keySet()).stream()
                    .filter(id -> !known.contains(id))
                    .forEach(this::forget);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the keeper when it keeps nothing; otherwise it goes on. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            if (keeper == null) {
                return;
            }
            if (blocks.isEmpty()) {
                keeper.end();
                Files.deleteIfExists(record);
            }
            keeper.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the record of the keeper", e);
        } finally {
            lock.unlock();
        }
    }
}
