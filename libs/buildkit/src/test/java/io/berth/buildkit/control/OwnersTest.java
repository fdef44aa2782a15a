package io.berth.buildkit.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.berth.buildkit.ClientSession.TransferProgress;
import io.berth.buildkit.LocalDirectory;
import io.berth.buildkit.ReceivedTree;
import io.berth.buildkit.fixture.DoorClient;
import io.berth.buildkit.fixture.FakeBuilder;
import io.berth.buildkit.fixture.FakeFiles;
import io.berth.buildkit.fixture.TestDaemon;
import io.berth.buildkit.rpc.Duplex;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.transfer.TransferLimits;
import io.berth.buildkit.wire.ControlProto.BuildHistoryEvent;
import io.berth.buildkit.wire.ControlProto.BuildHistoryRequest;
import io.berth.buildkit.wire.ControlProto.DiskUsageRequest;
import io.berth.buildkit.wire.ControlProto.DiskUsageResponse;
import io.berth.buildkit.wire.ControlProto.PruneRequest;
import io.berth.buildkit.wire.ControlProto.SolveRequest;
import io.berth.buildkit.wire.ControlProto.SolveResponse;
import io.berth.buildkit.wire.ControlProto.StatusRequest;
import io.berth.buildkit.wire.ControlProto.StatusResponse;
import io.berth.buildkit.wire.ControlProto.UpdateBuildHistoryRequest;
import io.berth.buildkit.wire.ControlProto.UpdateBuildHistoryResponse;
import io.berth.buildkit.wire.ControlProto.UsageRecord;
import io.berth.buildkit.wire.GatewayProto;
import io.berth.docker.error.Forbidden;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients of different owners have of each other: nothing. */
class OwnersTest {
    private static final String CONTROL = "moby.buildkit.v1.Control";
    private static final MethodDescriptor<SolveRequest, SolveResponse> SOLVE =
            Methods.unary(CONTROL, "Solve", SolveRequest.getDefaultInstance(), SolveResponse.getDefaultInstance());
    private static final MethodDescriptor<GatewayProto.SolveRequest, GatewayProto.SolveResponse> PART = Methods.unary(
            "moby.buildkit.v1.frontend.LLBBridge",
            "Solve",
            GatewayProto.SolveRequest.getDefaultInstance(),
            GatewayProto.SolveResponse.getDefaultInstance());
    private static final MethodDescriptor<StatusRequest, StatusResponse> STATUS = Methods.answersMany(
            CONTROL, "Status", StatusRequest.getDefaultInstance(), StatusResponse.getDefaultInstance());
    private static final MethodDescriptor<BuildHistoryRequest, BuildHistoryEvent> HISTORY = Methods.answersMany(
            CONTROL,
            "ListenBuildHistory",
            BuildHistoryRequest.getDefaultInstance(),
            BuildHistoryEvent.getDefaultInstance());
    private static final MethodDescriptor<UpdateBuildHistoryRequest, UpdateBuildHistoryResponse> UPDATE = Methods.unary(
            CONTROL,
            "UpdateBuildHistory",
            UpdateBuildHistoryRequest.getDefaultInstance(),
            UpdateBuildHistoryResponse.getDefaultInstance());
    private static final MethodDescriptor<PruneRequest, UsageRecord> PRUNE =
            Methods.answersMany(CONTROL, "Prune", PruneRequest.getDefaultInstance(), UsageRecord.getDefaultInstance());
    private static final MethodDescriptor<DiskUsageRequest, DiskUsageResponse> USAGE = Methods.unary(
            CONTROL, "DiskUsage", DiskUsageRequest.getDefaultInstance(), DiskUsageResponse.getDefaultInstance());
    private static final MethodDescriptor<PruneRequest, UsageRecord> UNKNOWN = Methods.answersMany(
            CONTROL, "Invented", PruneRequest.getDefaultInstance(), UsageRecord.getDefaultInstance());

    @TempDir
    Path host;

    private TestDaemon daemon;
    private DoorClient alice;
    private DoorClient bob;
    private DoorClient operator;

    @BeforeEach
    void start() throws Exception {
        daemon = new TestDaemon(host, TransferLimits.DEFAULT);
        alice = new DoorClient(daemon.socket(), "alice");
        bob = new DoorClient(daemon.socket(), "bob");
        operator = new DoorClient(daemon.socket());
    }

    @AfterEach
    void stop() throws Exception {
        alice.close();
        bob.close();
        operator.close();
        daemon.close();
    }

    private static <Q extends Message, R extends Message> R call(
            ManagedChannel channel, MethodDescriptor<Q, R> method, Q request, String build) throws Exception {
        Metadata headers = new Metadata();
        if (!build.isEmpty()) {
            headers.put(Metadata.Key.of("buildkit-controlapi-buildid", Metadata.ASCII_STRING_MARSHALLER), build);
        }
        try (Duplex<Q, R> call = Duplex.open(channel, method, headers)) {
            call.send(request);
            call.halfClose();
            return Objects.requireNonNull(call.receive(), "no answer");
        }
    }

    private static <Q extends Message, R extends Message> Status.Code codeOf(
            DoorClient client, MethodDescriptor<Q, R> method, Q request, String build) throws Exception {
        try {
            R _ = call(client.calls(), method, request, build);
            return Status.Code.OK;
        } catch (StatusException e) {
            return e.getStatus().getCode();
        }
    }

    private static SolveRequest build(String ref) {
        return SolveRequest.newBuilder()
                .setRef(ref)
                .setSession("s1")
                .setFrontend("dockerfile.v0")
                .build();
    }

    private static List<String> history(DoorClient client) throws Exception {
        List<String> refs = new ArrayList<>();
        try (Duplex<BuildHistoryRequest, BuildHistoryEvent> events =
                Duplex.open(client.calls(), HISTORY, new Metadata())) {
            events.send(BuildHistoryRequest.newBuilder().setEarlyExit(true).build());
            events.halfClose();
            for (BuildHistoryEvent event = events.receive(); event != null; event = events.receive()) {
                refs.add(event.getRecord().getRef());
            }
        }
        return refs;
    }

    @Test
    void anothersSessionIsNotThere() throws Exception {
        alice.offer("s1", "");
        assertThat(codeOf(bob, SOLVE, build("b"), "")).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(daemon.builder().requests()).isEmpty();
        // The same id is another session.
        bob.offer("s1", "");
        assertThat(codeOf(bob, SOLVE, build("b"), "")).isEqualTo(Status.Code.OK);
        assertThat(codeOf(alice, SOLVE, build("b"), "")).isEqualTo(Status.Code.OK);
    }

    @Test
    void anothersBuildIsNotThere() throws Exception {
        alice.offer("s1", "");
        assertThat(codeOf(alice, SOLVE, build("r1"), "")).isEqualTo(Status.Code.OK);
        ManagedChannel calls = alice.calls();
        CompletableFuture<SolveResponse> driven = new CompletableFuture<>();
        SolveRequest undriven = build("r2").toBuilder().setFrontend("").build();
        Thread.ofVirtual().start(() -> {
            try {
                driven.complete(call(calls, SOLVE, undriven, ""));
            } catch (Exception e) {
                driven.completeExceptionally(e);
            }
        });
        GatewayProto.SolveRequest part = GatewayProto.SolveRequest.newBuilder()
                .setFrontend("dockerfile.v0")
                .build();
        assertThat(codeOf(alice, PART, part, "r2")).isEqualTo(Status.Code.OK);
        assertThat(codeOf(bob, PART, part, "r2")).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(codeOf(bob, STATUS, StatusRequest.newBuilder().setRef("r1").build(), ""))
                .isEqualTo(Status.Code.NOT_FOUND);
        UpdateBuildHistoryRequest removal = UpdateBuildHistoryRequest.newBuilder()
                .setRef("r1")
                .setDelete(true)
                .build();
        assertThat(codeOf(bob, UPDATE, removal, "")).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(history(bob)).isEmpty();
        assertThat(history(alice)).containsExactly("r1", "r2");
        assertThat(history(operator)).containsExactly("r1", "r2");
        assertThat(codeOf(operator, UPDATE, removal, "")).isEqualTo(Status.Code.OK);
        assertThat(driven).isNotDone();
    }

    @Test
    void theCacheAsAWholeIsTheOperators() throws Exception {
        daemon.builder().cache().add(FakeBuilder.record("one", 1));
        assertThat(codeOf(bob, PRUNE, PruneRequest.getDefaultInstance(), "")).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(codeOf(bob, USAGE, DiskUsageRequest.getDefaultInstance(), ""))
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(codeOf(bob, UNKNOWN, PruneRequest.getDefaultInstance(), "")).isEqualTo(Status.Code.UNIMPLEMENTED);
        assertThat(daemon.builder().cache()).hasSize(1);
        assertThat(codeOf(operator, PRUNE, PruneRequest.getDefaultInstance(), ""))
                .isEqualTo(Status.Code.OK);
        assertThat(daemon.builder().cache()).isEmpty();
    }

    @Test
    void whatIsRefusedIsNotBegun() throws Exception {
        bob.offer("s1", "");
        daemon.builder().authorizing((client, request) -> {
            if (client.restricted() && "secret".equals(request.attribute("target"))) {
                throw new Forbidden("not for " + client.identity());
            }
        });
        SolveRequest refused =
                build("r1").toBuilder().putFrontendAttrs("target", "secret").build();
        assertThatThrownBy(() -> call(bob.calls(), SOLVE, refused, "")).hasMessageContaining("not for bob");
        ManagedChannel calls = bob.calls();
        SolveRequest undriven = build("r2").toBuilder().setFrontend("").build();
        Thread.ofVirtual().start(() -> {
            try {
                SolveResponse _ = call(calls, SOLVE, undriven, "");
            } catch (Exception e) {
                // It never ends.
            }
        });
        GatewayProto.SolveRequest part = GatewayProto.SolveRequest.newBuilder()
                .setFrontend("dockerfile.v0")
                .putFrontendOpt("target", "secret")
                .build();
        assertThat(codeOf(bob, PART, part, "r2")).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(daemon.builder().requests()).isEmpty();
    }

    /** Who guesses the key of another's directory, and tells of files as that one has them, is asked to send them. */
    @Test
    void anothersDirectoryIsNotReused() throws Exception {
        daemon.builder().building((_, session, _) -> {
            try (ReceivedTree tree = session.receive(LocalDirectory.all("context"), TransferProgress.NONE)) {
                String content = new String(tree.root().readRegular("secret", 100), StandardCharsets.UTF_8);
                return daemon.builder().result(Map.of("content", content), List.of(""), null);
            }
        });
        FakeFiles hers = new FakeFiles().file("secret", 0_644, "hers");
        alice.offer("s1", "machine:directory", hers.service());
        assertThat(codeOf(alice, SOLVE, build("r1"), "")).isEqualTo(Status.Code.OK);
        FakeFiles his = new FakeFiles().file("secret", 0_644, "his!");
        bob.offer("s1", "machine:directory", his.service());
        assertThat(codeOf(bob, SOLVE, build("r1"), "")).isEqualTo(Status.Code.OK);
        assertThat(his.asked()).containsExactly(0);
        assertThat(codeOf(alice, SOLVE, build("r2"), "")).isEqualTo(Status.Code.OK);
        assertThat(hers.asked()).as("unchanged since her last build").containsExactly(0);
    }
}
