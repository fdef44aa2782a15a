package io.berth.engine.image.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.image.Images.ComingUser;
import io.berth.engine.runtime.ContainerId;
import io.berth.node.BuildCacheUsage;
import io.berth.node.CommitRequest;
import io.berth.node.ImageNode;
import io.berth.node.ImagesUsage;
import io.berth.node.ResolvedImage;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeImagesTest {
    private static final Digest OLD = Digest.parse("sha256:" + "a1".repeat(32));
    private static final Digest NEW = Digest.parse("sha256:" + "b2".repeat(32));

    @TempDir
    Path directory;

    private final ContainerId container = ContainerId.random();
    private Path file;
    private FakeNode node;
    private NodeImages images;

    @BeforeEach
    void open() throws IOException {
        file = directory.resolve("generation");
        Files.createFile(file);
        node = new FakeNode(file);
        images = new NodeImages(node, node);
        change(1);
    }

    private void change(long number) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(number);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            assertThat(channel.write(bytes.flip(), 0)).isEqualTo(Long.BYTES);
        }
        node.number = number;
    }

    private Digest resolve() {
        return images.resolveFor(container, "app:1", "").imageId();
    }

    @Test
    void asksOnceWhileNoImageChanges() {
        assertThat(resolve()).isEqualTo(OLD);
        assertThat(resolve()).isEqualTo(OLD);
        assertThat(node.questions).isEqualTo(1);
    }

    @Test
    void asksAgainWhenAnImageHasChanged() throws IOException {
        assertThat(resolve()).isEqualTo(OLD);
        node.image = NEW;
        change(2);
        assertThat(resolve()).isEqualTo(NEW);
        assertThat(node.questions).isEqualTo(2);
    }

    @Test
    void asksAlwaysWhenChangesCannotBeSeen() throws IOException {
        Files.delete(file);
        assertThat(resolve()).isEqualTo(OLD);
        assertThat(resolve()).isEqualTo(OLD);
        assertThat(node.questions).isEqualTo(2);
    }

    @Test
    void tellsOfAContainerToComeUntilItIsReleased() throws IOException {
        assertThat(images.comingUsers(OLD)).isEmpty();
        assertThat(resolve()).isEqualTo(OLD);
        assertThat(images.comingUsers(OLD)).containsExactly(new ComingUser(container, OLD, "app:1"));
        // Of an answer that no longer holds nothing is told.
        node.image = NEW;
        change(2);
        assertThat(resolve()).isEqualTo(NEW);
        assertThat(images.comingUsers(OLD)).isEmpty();
        assertThat(images.comingUsers(NEW)).hasSize(1);
        images.release(container);
        assertThat(images.comingUsers(NEW)).isEmpty();
    }

    private static final class FakeNode implements ImageNode {
        private final Path file;
        private long number;
        private int questions;
        private Digest image = OLD;

        FakeNode(Path file) {
            this.file = file;
        }

        @Override
        public List<BuildCacheUsage> buildCache() {
            return List.of();
        }

        @Override
        public ResolvedImage resolve(String reference, @Nullable String platform) {
            questions++;
            ImageConfig config = new ImageConfig(
                    null,
                    null,
                    "amd64",
                    null,
                    "linux",
                    null,
                    null,
                    null,
                    new ImageConfig.RootFs("layers", List.of()),
                    null,
                    null,
                    null);
            return new ResolvedImage(image, config, List.of(), new ResolvedImage.Generation(file.toString(), number));
        }

        @Override
        public CommitRequest.Committed commit(CommitRequest request) {
            throw new AssertionError("not asked for");
        }

        @Override
        public ImagesUsage usage() {
            throw new AssertionError("not asked for");
        }

        @Override
        public ImageCount count() {
            throw new AssertionError("not asked for");
        }
    }
}
