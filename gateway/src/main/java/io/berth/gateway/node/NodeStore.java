package io.berth.gateway.node;

import io.berth.docker.DockerJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the nodes that were registered while the gateway ran, in one small file: written beside, synced, renamed. Its
 * users hold the lock of {@link Nodes}.
 */
final class NodeStore {
    private final Path file;

    /**
     * @param file need not exist
     */
    NodeStore(Path file) {
        this.file = file;
    }

    /**
     * What is kept of a node.
     *
     * @param availability as {@link Availability#text}
     */
    record Kept(
            String name,
            String engineSocket,
            String imageSocket,
            @Nullable String keyFile,
            Map<String, String> labels,
            double cpus,
            long memoryBytes,
            String availability) {
        static Kept of(NodeSpec spec, Availability availability) {
            return new Kept(
                    spec.name(),
                    spec.engineSocket().toString(),
                    spec.imageSocket().toString(),
                    spec.keyFile() == null ? null : spec.keyFile().toString(),
                    spec.labels(),
                    spec.cpus(),
                    spec.memoryBytes(),
                    availability.text());
        }

        NodeSpec spec() {
            return new NodeSpec(
                    name,
                    Path.of(engineSocket),
                    Path.of(imageSocket),
                    keyFile == null ? null : Path.of(keyFile),
                    labels,
                    cpus,
                    memoryBytes);
        }
    }

    /** The file's content. */
    private record Content(List<Kept> nodes) {}

    List<Kept> load() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            return DockerJson.MAPPER
                    .readValue(Files.readAllBytes(file), Content.class)
                    .nodes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the nodes in " + file, e);
        }
    }

    /** Returns when it is on the disk. */
    void save(List<Kept> nodes) {
        Path directory = file.toAbsolutePath().getParent();
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try {
            Path _ = Files.createDirectories(directory);
            Files.deleteIfExists(beside);
            Path _ = Files.createFile(
                    beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (FileChannel out = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(DockerJson.MAPPER.writeValueAsBytes(new Content(nodes)));
                while (bytes.hasRemaining()) {
                    int _ = out.write(bytes);
                }
                out.force(true);
            }
            Path _ = Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel entry = FileChannel.open(directory, StandardOpenOption.READ)) {
                entry.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the nodes in " + file, e);
        }
    }
}
