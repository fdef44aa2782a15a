package io.berth.buildkit.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.berth.buildkit.ClientSession;
import io.berth.buildkit.ClientSession.TransferProgress;
import io.berth.buildkit.LocalDirectory;
import io.berth.buildkit.ReceivedTree;
import io.berth.buildkit.SessionException;
import io.berth.buildkit.fixture.DoorClient;
import io.berth.buildkit.fixture.FakeFiles;
import io.berth.buildkit.fixture.TestDaemon;
import io.berth.buildkit.rpc.Duplex;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.wire.ControlProto.SolveRequest;
import io.berth.buildkit.wire.ControlProto.SolveResponse;
import io.berth.buildkit.wire.StatProto.Stat;
import io.berth.buildkit.wire.WireProto.Packet;
import io.berth.buildkit.wire.WireProto.Packet.PacketType;
import io.berth.kernel.KernelTest;
import io.grpc.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients send of their directories, from a client that may say anything. */
@KernelTest
class ReceivedTreesTest {
    @TempDir
    Path host;

    private TestDaemon daemon;
    private Path canary;

    @BeforeAll
    static void warmUp() throws Exception {
        TestDaemon.warmUp();
    }

    @BeforeEach
    void start() throws IOException {
        canary = Files.writeString(host.resolve("canary"), "safe");
        daemon = new TestDaemon(Files.createDirectory(host.resolve("data")), new TransferLimits(100, 10_000, 8));
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
        assertThat(canary).hasContent("safe");
        try (Stream<Path> left = Files.list(host)) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("canary", "data");
        }
    }

    /** What a build may do with the session. */
    @FunctionalInterface
    private interface Use<T> {
        T with(ClientSession session) throws IOException, InterruptedException;
    }

    /** Runs in a build with a session that has the files. */
    private <T> T inBuild(FakeFiles files, String sharedKey, Use<T> use) throws Exception {
        CompletableFuture<T> used = new CompletableFuture<>();
        daemon.builder().building((_, session, _) -> {
            try {
                used.complete(use.with(session));
            } catch (Throwable e) {
                used.completeExceptionally(e);
            }
            return daemon.builder().result();
        });
        try (DoorClient client = new DoorClient(daemon.socket())) {
            String id = UUID.randomUUID().toString();
            client.offer(id, sharedKey, files.service());
            var solve = Methods.unary(
                    "moby.buildkit.v1.Control",
                    "Solve",
                    SolveRequest.getDefaultInstance(),
                    SolveResponse.getDefaultInstance());
            try (Duplex<SolveRequest, SolveResponse> call = Duplex.open(client.calls(), solve, new Metadata())) {
                call.send(SolveRequest.newBuilder()
                        .setRef("r" + id)
                        .setSession(id)
                        .setFrontend("dockerfile.v0")
                        .build());
                call.halfClose();
                assertThat(call.receive()).isNotNull();
            }
            return used.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception told ? told : e;
        }
    }

    /** Receives and copies the tree to a place where it can be looked at. */
    private Path receive(FakeFiles files) throws Exception {
        return inBuild(files, "key", session -> {
            try (ReceivedTree tree = session.receive(LocalDirectory.all("context"), TransferProgress.NONE)) {
                return Path.of(Files.readSymbolicLink(
                                Path.of("/proc/self/fd/" + tree.root().fd().value()))
                        .toString());
            }
        });
    }

    private static FakeFiles sample() {
        return new FakeFiles()
                .file("a", FakeFiles.SETUID | 0_755, "content a")
                .directory("d")
                .file("d/b", 0_600, "content b")
                .link("d/hard", 0_644, "a")
                .link("d/soft", FakeFiles.SYMLINK | 0_777, "/etc/passwd")
                .file("d.txt", 0_644, "behind the directory");
    }

    @Test
    void aTreeArrivesAsItIs() throws Exception {
        Path tree = receive(sample());
        assertThat(tree.resolve("a")).hasContent("content a");
        assertThat(Files.getAttribute(tree.resolve("a"), "unix:mode")).isEqualTo(0_104755);
        assertThat(Files.getLastModifiedTime(tree.resolve("a")).toMillis()).isEqualTo(1_700_000_000_000L);
        assertThat(tree.resolve("d/b")).hasContent("content b");
        assertThat(Files.isSameFile(tree.resolve("a"), tree.resolve("d/hard"))).isTrue();
        assertThat(Files.readSymbolicLink(tree.resolve("d/soft"))).isEqualTo(Path.of("/etc/passwd"));
        assertThat(Files.getLastModifiedTime(tree.resolve("d")).toMillis()).isEqualTo(1_600_000_000_000L);
        assertThat(tree.resolve("d.txt")).hasContent("behind the directory");
    }

    @Test
    void onlyWhatChangedIsAskedForAgain() throws Exception {
        FakeFiles first = sample();
        receive(first);
        assertThat(first.asked()).containsExactlyInAnyOrder(0, 2, 5);
        FakeFiles same = sample();
        receive(same);
        assertThat(same.asked()).isEmpty();
        FakeFiles changed = new FakeFiles()
                .file("a", FakeFiles.SETUID | 0_755, "content a")
                .file("d", 0_644, "now a file")
                .directory("e");
        Path tree = receive(changed);
        assertThat(changed.asked()).containsExactly(1);
        assertThat(tree.resolve("d")).hasContent("now a file");
        assertThat(tree.resolve("e")).isEmptyDirectory();
        assertThat(tree.resolve("d.txt")).doesNotExist();
    }

    @Test
    void aLinkOfAnEarlierTransferIsNotFollowed() throws Exception {
        receive(new FakeFiles().link("d", FakeFiles.SYMLINK | 0_777, host.toString()));
        Path tree = receive(new FakeFiles().directory("d").file("d/canary", 0_644, "evil"));
        assertThat(Files.isDirectory(tree.resolve("d"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertThat(tree.resolve("d/canary")).hasContent("evil");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../canary",
                "/canary",
                "..",
                ".",
                "",
                "a/../../canary",
                "a//b",
                "a/",
                "./a",
                "nul\0",
                "no/parent"
            })
    void pathsThatCouldLeadElsewhereAreRefused(String path) {
        assertThatThrownBy(() -> receive(new FakeFiles().file(path, 0_644, "evil")))
                .isInstanceOf(SessionException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../../canary", "/etc/passwd", "missing", "soft", "soft/passwd"})
    void hardLinksLeadToFilesOfTheTreeOnly(String target) {
        FakeFiles files = new FakeFiles().link("hard", 0_644, target).link("soft", FakeFiles.SYMLINK | 0_777, "/etc");
        assertThatThrownBy(() -> receive(files)).isInstanceOf(IOException.class);
    }

    @Test
    void filesOutOfOrderAreRefused() {
        assertThatThrownBy(() -> receive(new FakeFiles().file("b", 0_644, "").file("a", 0_644, "")))
                .hasMessageContaining("out of order");
        assertThatThrownBy(() -> receive(new FakeFiles().file("a", 0_644, "").file("a", 0_644, "")))
                .hasMessageContaining("out of order");
        assertThatThrownBy(() -> receive(new FakeFiles().file("f", 0_644, "").file("f/below", 0_644, "")))
                .hasMessageContaining("before its directory");
    }

    @Test
    void limitsHold() {
        FakeFiles many = new FakeFiles();
        for (int i = 100; i < 201; i++) {
            many.file("f" + i, 0_644, "");
        }
        assertThatThrownBy(() -> receive(many)).hasMessageContaining("more than 100 files");
        assertThatThrownBy(() -> receive(new FakeFiles().file("large", 0_644, "x".repeat(10_001))))
                .hasMessageContaining("more than 10000 bytes");
        FakeFiles said = new FakeFiles();
        for (String name : List.of("a", "b", "c")) {
            Stat stat = Stat.newBuilder()
                    .setPath(ByteString.copyFromUtf8(name))
                    .setMode(0_644)
                    .setSize(Long.MAX_VALUE)
                    .build();
            said.stat(stat, "");
        }
        assertThatThrownBy(() -> receive(said)).hasMessageContaining("more than 10000 bytes");
        FakeFiles deep = new FakeFiles();
        for (int i = 1; i < 11; i++) {
            deep.directory("d/".repeat(i).substring(0, 2 * i - 1));
        }
        assertThatThrownBy(() -> receive(deep)).hasMessageContaining("too deep");
    }

    @Test
    void packetsOutOfTurnAreRefused() {
        Packet unasked = Packet.newBuilder()
                .setType(PacketType.PACKET_DATA)
                .setID(7)
                .setData(ByteString.copyFromUtf8("evil"))
                .build();
        assertThatThrownBy(() -> receive(new FakeFiles().packet(unasked))).hasMessageContaining("not asked for");
        Packet error = Packet.newBuilder()
                .setType(PacketType.PACKET_ERR)
                .setData(ByteString.copyFromUtf8("no such directory"))
                .build();
        assertThatThrownBy(() -> receive(new FakeFiles().packet(error))).hasMessageContaining("no such directory");
    }

    @Test
    void marksOfOverlaysAreNotTaken() throws Exception {
        Stat stat = Stat.newBuilder()
                .setPath(ByteString.copyFromUtf8("a"))
                .setMode(0_644)
                .putXattrs("trusted.overlay.opaque", ByteString.copyFromUtf8("y"))
                .putXattrs("user.note", ByteString.copyFromUtf8("kept"))
                .build();
        Boolean marked = inBuild(new FakeFiles().stat(stat, ""), "key", session -> {
            try (ReceivedTree tree = session.receive(LocalDirectory.all("context"), TransferProgress.NONE)) {
                return tree.root().xattrNames("a").contains("trusted.overlay.opaque");
            }
        });
        assertThat(marked).isFalse();
    }

    @Test
    void twoBuildsAtOnceHaveTreesOfTheirOwn() throws Exception {
        long inodes = inBuild(sample(), "key", session -> {
            try (ReceivedTree one = session.receive(LocalDirectory.all("context"), TransferProgress.NONE);
                    ReceivedTree two = session.receive(LocalDirectory.all("context"), TransferProgress.NONE)) {
                assertThat(daemon.trees().records()).singleElement().matches(record -> record.inUse());
                assertThat(daemon.trees()
                                .remove(daemon.trees().records().getFirst().id()))
                        .isFalse();
                return Stream.of(one, two)
                        .map(tree -> tree.root().stat("a").inode())
                        .distinct()
                        .count();
            }
        });
        assertThat(inodes).isEqualTo(2);
        try (Stream<Path> kept = Files.list(host.resolve("data/trees"))) {
            assertThat(kept).as("the second one goes when it is given back").hasSize(1);
        }
        String id = daemon.trees().records().getFirst().id();
        assertThat(daemon.trees().remove("../" + id)).isFalse();
        assertThat(daemon.trees().remove(id)).isTrue();
        assertThat(daemon.trees().records()).isEmpty();
    }

    @Test
    void aTreeWithoutAKeyIsNotKept() throws Exception {
        inBuild(sample(), "", session -> {
            session.receive(LocalDirectory.all("context"), TransferProgress.NONE)
                    .close();
            return true;
        });
        assertThat(host.resolve("data/trees")).isEmptyDirectory();
    }
}
