package io.berth.image.source;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import io.berth.docker.error.Unavailable;
import io.berth.outgoing.Destinations;
import io.berth.outgoing.OutgoingClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the files of one commit of a git repository, in this process: no git is executed, no configuration of the machine is read,
 * no hook, filter or submodule runs, and nothing is ever read from a path of this machine.
 *
 * <p>A fetch is shallow where the server allows it, and is ended when it takes more time or more space than the limits give. Files
 * are written by {@link GitTree}. Thread-safe.
 */
public final class GitSource implements AutoCloseable {
    private final SourceLimits limits;
    private final Destinations afterPublic;
    private final OutgoingClient client;

    public GitSource(SourceLimits limits) {
        this(limits, Destinations.publicAnd(List.of()));
    }

    /** @param afterPublic where an address that is one of these may redirect to */
    GitSource(SourceLimits limits, Destinations afterPublic) {
        this.limits = limits;
        this.afterPublic = afterPublic;
        this.client = new OutgoingClient(limits.connectTimeout(), limits.silence());
        BareSystemReader.install();
    }

    @Override
    public void close() {
        client.close();
    }

    /** Whether an address is that of a repository. */
    public boolean isRepository(String address) {
        return GitAddress.parse(address).isPresent();
    }

    /**
     * Fetches the files of a commit.
     *
     * @param checksum a commit or its beginning, that it must be; null for any
     * @param keepGitDir whether {@code .git} is left among them; not when a directory of the repository is fetched
     * @param directory an existing, empty one
     * @param authorization a header for the host of the address alone; null for none
     * @param destinations that the files may come from; {@code git:} cannot be held to them, and is for those alone who reach every one
     * @throws Forbidden for an address that is none of them
     * @throws InvalidParameter when there is no such repository, reference or directory, the commit is another one, or it is too large
     * @throws NotImplemented for a protocol that is not allowed
     * @throws Unavailable when the server does not answer, breaks off or takes too long
     */
    public FetchedTree fetch(
            GitAddress address,
            @Nullable String checksum,
            boolean keepGitDir,
            Path directory,
            @Nullable String authorization,
            Destinations destinations)
            throws IOException {
        if (!limits.gitProtocols().contains(address.protocol())
                || address.protocol().equals("ssh")) {
            throw new NotImplemented("repositories are not fetched by " + address.protocol() + ": " + address.remote());
        }
        if (address.protocol().equals("git") && !destinations.equals(Destinations.ANY)) {
            throw new Forbidden("repositories are fetched for developers by https and http only: " + address.remote());
        }
        String wanted = checksum == null ? address.checksum() : checksum;
        if (wanted != null && !wanted.matches("[0-9a-f]{1,64}")) {
            throw new InvalidParameter("invalid checksum of a repository: " + wanted);
        }
        Path repository = Files.createTempDirectory(
                directory.toAbsolutePath().getParent(),
                ".git-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            boolean keep =
                    address.directory().isEmpty() && (address.keepGitDir() == null ? keepGitDir : address.keepGitDir());
            return supervised(
                    repository,
                    address,
                    () -> new GitFetch(
                                    limits,
                                    new GitHttp.Ways(client, destinations, afterPublic),
                                    repository,
                                    address,
                                    authorization)
                            .into(directory, wanted, keep));
        } finally {
            delete(repository);
        }
    }

    private interface Work {
        FetchedTree run() throws IOException;
    }

    /** Runs the fetch on a thread of its own, which can be interrupted in the middle of anything. */
    private FetchedTree supervised(Path repository, GitAddress address, Work work) throws IOException {
        CompletableFuture<FetchedTree> done = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().name("git-fetch").unstarted(() -> {
            try {
                done.complete(work.run());
            } catch (IOException | RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        Instant end = Instant.now().plus(limits.maxDuration());
        thread.start();
        try (Watchdog watchdog = new Watchdog(() -> objection(repository, end), thread::interrupt)) {
            try {
                return done.get();
            } catch (InterruptedException e) {
                thread.interrupt();
                Thread.currentThread().interrupt();
                throw new Unavailable("fetching " + address.remote() + " was interrupted", e);
            } catch (ExecutionException e) {
                String objection = watchdog.objection();
                if (objection != null) {
                    throw new InvalidParameter("failed to fetch " + address.remote() + ": " + objection, e.getCause());
                }
                throw failure(e.getCause());
            }
        } finally {
            thread.interrupt();
            join(thread);
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static RuntimeException failure(@Nullable Throwable cause) throws IOException {
        return switch (cause) {
            case ApiException known -> known;
            case IOException io -> throw io;
            case RuntimeException other -> other;
            case null, default -> new IllegalStateException(cause);
        };
    }

    private @Nullable String objection(Path repository, Instant end) {
        if (Instant.now().isAfter(end)) {
            return "it takes longer than " + limits.maxDuration();
        }
        return size(repository) > limits.maxBytes() ? "it is larger than " + limits.maxBytes() + " bytes" : null;
    }

    private static long size(Path directory) {
        long[] size = new long[1];
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    size[0] += attributes.size();
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // renamed meanwhile
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            return size[0]; // what was seen
        }
        return size[0];
    }

    private static void delete(Path directory) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                    Files.delete(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (java.nio.file.NoSuchFileException e) {
            return; // it became the .git directory
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + directory, e);
        }
    }
}
