package io.berth.image.build;

import io.berth.archive.ArchiveFormatException;
import io.berth.archive.Decompression;
import io.berth.archive.TarReader;
import io.berth.archive.TreeExtractor;
import io.berth.docker.error.InvalidParameter;
import io.berth.dockerfile.DockerfileException;
import io.berth.dockerfile.IgnorePatterns;
import io.berth.image.caller.Caller;
import io.berth.image.layer.LayerStore;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The files to build from, sent as an archive or fetched from an address, in a directory that goes when this is closed. Those that
 * {@code .dockerignore} names are not in it.
 */
public final class ContextDirectory implements AutoCloseable, BuildInput {
    private static final int MAX_DOCKERFILE_BYTES = 16 * 1024 * 1024;

    private final Path contexts;
    private final String name;
    private final String dockerfile;
    private final IgnorePatterns ignored;

    private ContextDirectory(Path contexts, String name, String dockerfile, IgnorePatterns ignored) {
        this.contexts = contexts;
        this.name = name;
        this.dockerfile = dockerfile;
        this.ignored = ignored;
    }

    /**
     * Unpacks an archive.
     *
     * @param contexts directory that the context's own is made in
     * @param archive of any compression
     * @param dockerfileName clean path of the Dockerfile below the root
     * @throws InvalidParameter when it is malformed or has no such Dockerfile; nothing is left then
     */
    public static ContextDirectory receive(Path contexts, LayerStore layers, InputStream archive, String dockerfileName)
            throws IOException, InterruptedException {
        return make(contexts, dockerfileName, (root, _) -> extract(layers, archive, root));
    }

    /**
     * Fetches what an address names: a repository, an archive, or a Dockerfile without any other files.
     *
     * @param caller who wants it, and may reach some addresses only
     * @throws BuildFailure when it cannot be had
     * @throws InvalidParameter as {@link #receive}
     */
    public static ContextDirectory fetch(
            Path contexts,
            LayerStore layers,
            RemoteSources sources,
            Caller caller,
            String address,
            String dockerfileName)
            throws IOException, InterruptedException {
        return make(contexts, dockerfileName, (root, path) -> {
            if (sources.isRepository(address)) {
                String _ = sources.fetchRepository(caller, address, null, false, path);
                return;
            }
            Path beside = layers.stage();
            try {
                Path file = beside.resolve(
                        sources.fetchFile(caller, address, null, beside).name());
                if (isArchive(file)) {
                    try (InputStream in = Files.newInputStream(file)) {
                        extract(layers, in, root);
                    }
                } else {
                    byte[] text = Files.readAllBytes(file);
                    try (FileHandle dockerfile = root.createFile(dockerfileName, 0644)) {
                        dockerfile.write(text, 0, text.length);
                    }
                }
            } finally {
                layers.discardStage(beside);
            }
        });
    }

    private static boolean isArchive(Path file) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return new TarReader(Decompression.of(in).stream()).next().isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    private static void extract(LayerStore layers, InputStream archive, Directory root) throws IOException {
        new TreeExtractor(root, "", false, new TreeExtractor.Owner(0, 0))
                .extract(layers.expansion(archive).open());
    }

    /** Puts files into a new directory. */
    @FunctionalInterface
    private interface Filling {
        void fill(Directory root, Path path) throws IOException, InterruptedException;
    }

    private static ContextDirectory make(Path contexts, String dockerfileName, Filling filling)
            throws IOException, InterruptedException {
        String name = UUID.randomUUID().toString();
        boolean complete = false;
        try (Directory all = Directory.open(contexts)) {
            all.mkdir(name, 0755);
            try (Directory root = all.openDirectory(name)) {
                filling.fill(root, contexts.resolve(name));
                String text = dockerfile(root, dockerfileName);
                IgnorePatterns ignored = ignored(root, dockerfileName);
                if (!ignored.isEmpty()) {
                    remove(root, "", ignored);
                }
                complete = true;
                return new ContextDirectory(contexts, name, text, ignored);
            } finally {
                if (!complete) {
                    all.deleteRecursively(name);
                }
            }
        } catch (ArchiveFormatException e) {
            throw new InvalidParameter("Error processing tar file: " + e.getMessage(), e);
        } catch (DockerfileException e) {
            throw new InvalidParameter("failed to parse .dockerignore: " + e.getMessage(), e);
        }
    }

    private static String dockerfile(Directory root, String name) {
        Optional<String> text = text(root, name);
        if (text.isEmpty() && name.equals("Dockerfile")) {
            text = text(root, "dockerfile");
        }
        String found = text.orElseThrow(() -> new InvalidParameter("Cannot locate specified Dockerfile: " + name));
        if (found.isEmpty()) {
            throw new InvalidParameter("the Dockerfile (" + name + ") cannot be empty");
        }
        return found;
    }

    private static IgnorePatterns ignored(Directory root, String dockerfileName) {
        return text(root, dockerfileName + ".dockerignore")
                .or(() -> text(root, ".dockerignore"))
                .map(IgnorePatterns::parse)
                .orElse(IgnorePatterns.NONE);
    }

    private static Optional<String> text(Directory root, String path) {
        try {
            return Optional.of(new String(root.readRegular(path, MAX_DOCKERFILE_BYTES), StandardCharsets.UTF_8));
        } catch (SyscallException e) {
            return Optional.empty();
        }
    }

    private static void remove(Directory directory, String at, IgnorePatterns ignored) {
        for (DirectoryEntry entry : directory.list()) {
            String path = at.isEmpty() ? entry.name() : at + "/" + entry.name();
            boolean excluded = ignored.excludes(path);
            @Nullable FileStat stat = directory.statIfPresent(entry.name());
            if (stat == null) {
                continue;
            }
            if (stat.isDirectory() && (!excluded || ignored.mayHoldIncluded(path))) {
                boolean empty;
                try (Directory below = directory.openDirectory(entry.name())) {
                    remove(below, path, ignored);
                    empty = below.list().isEmpty();
                }
                if (excluded && empty) {
                    directory.rmdir(entry.name());
                }
            } else if (excluded) {
                directory.deleteRecursively(entry.name());
            }
        }
    }

    /** The text of the Dockerfile. */
    public String dockerfile() {
        return dockerfile;
    }

    @Override
    public Context context(ContextPaths wanted) {
        return new Context(contexts.resolve(name), ignored);
    }

    @Override
    public Optional<NamedContext> named(String other) {
        return Optional.empty();
    }

    @Override
    public Optional<byte[]> secret(String id) {
        return Optional.empty();
    }

    @Override
    public Optional<AgentSocket> agent(String id) {
        return Optional.empty();
    }

    @Override
    public void close() {
        try (Directory all = Directory.open(contexts)) {
            all.deleteRecursively(name);
        }
    }
}
