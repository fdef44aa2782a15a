package io.berth.buildkit.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.berth.buildkit.BuildException;
import io.berth.buildkit.BuildResult;
import io.berth.buildkit.SessionException;
import io.berth.buildkit.fixture.DoorClient;
import io.berth.buildkit.fixture.FakeBuilder;
import io.berth.buildkit.fixture.TestDaemon;
import io.berth.buildkit.rpc.Duplex;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.transfer.DirectoryFiles;
import io.berth.buildkit.transfer.TransferLimits;
import io.berth.buildkit.wire.ControlProto;
import io.berth.buildkit.wire.ControlProto.BuildHistoryEvent;
import io.berth.buildkit.wire.ControlProto.BuildHistoryRequest;
import io.berth.buildkit.wire.ControlProto.StatusRequest;
import io.berth.buildkit.wire.ControlProto.StatusResponse;
import io.berth.buildkit.wire.GatewayProto;
import io.berth.buildkit.wire.GatewayProto.ReadDirRequest;
import io.berth.buildkit.wire.GatewayProto.ReadDirResponse;
import io.berth.buildkit.wire.GatewayProto.ReadFileRequest;
import io.berth.buildkit.wire.GatewayProto.ReadFileResponse;
import io.berth.buildkit.wire.GatewayProto.ReturnRequest;
import io.berth.buildkit.wire.GatewayProto.ReturnResponse;
import io.berth.buildkit.wire.OpsProto.Definition;
import io.berth.buildkit.wire.SessionProto.BytesMessage;
import io.berth.linux.fd.Directory;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The services as a client sees them that does what buildx would not. */
class BuildKitServerTest {
    private static final String CONTROL = "moby.buildkit.v1.Control";
    private static final String GATEWAY = "moby.buildkit.v1.frontend.LLBBridge";
    private static final MethodDescriptor<ControlProto.SolveRequest, ControlProto.SolveResponse> SOLVE = Methods.unary(
            CONTROL,
            "Solve",
            ControlProto.SolveRequest.getDefaultInstance(),
            ControlProto.SolveResponse.getDefaultInstance());
    private static final MethodDescriptor<GatewayProto.SolveRequest, GatewayProto.SolveResponse> PART = Methods.unary(
            GATEWAY,
            "Solve",
            GatewayProto.SolveRequest.getDefaultInstance(),
            GatewayProto.SolveResponse.getDefaultInstance());
    private static final MethodDescriptor<ReturnRequest, ReturnResponse> RETURN =
            Methods.unary(GATEWAY, "Return", ReturnRequest.getDefaultInstance(), ReturnResponse.getDefaultInstance());

    @TempDir
    Path host;

    private TestDaemon daemon;
    private DoorClient client;

    @BeforeEach
    void start() throws IOException {
        daemon = new TestDaemon(host, TransferLimits.DEFAULT);
        client = new DoorClient(daemon.socket());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
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
            R response = call.receive();
            return Objects.requireNonNull(response, "no answer");
        }
    }

    private static Status.Code codeOf(Throwable error) {
        return error instanceof StatusException status ? status.getStatus().getCode() : Status.Code.OK;
    }

    private static ControlProto.SolveRequest.Builder dockerfile(String ref) {
        return ControlProto.SolveRequest.newBuilder()
                .setRef(ref)
                .setSession("s1")
                .setFrontend("dockerfile.v0");
    }

    @Test
    void aDockerfileIsBuiltAndExportedInOneCall() throws Exception {
        client.offer("s1", "");
        daemon.builder().exporting((_, _) -> Map.of("containerimage.digest", "sha256:1"));
        var response = call(
                client.calls(),
                SOLVE,
                dockerfile("r1")
                        .putFrontendAttrs("target", "web")
                        .addExporters(ControlProto.Exporter.newBuilder()
                                .setType("image")
                                .putAttrs("name", "app"))
                        .build(),
                "");
        assertThat(response.getExporterResponseMap()).containsEntry("containerimage.digest", "sha256:1");
        assertThat(daemon.builder().requests()).singleElement().satisfies(request -> {
            assertThat(request.target()).isEqualTo("web");
            assertThat(request.ref()).isEqualTo("r1");
        });
        assertThat(daemon.builder().openResults()).isZero();
    }

    @Test
    void aClientDrivesItsBuildAndReadsTheResult() throws Exception {
        client.offer("s1", "");
        Path files = Files.createDirectory(host.resolve("result"));
        Files.writeString(files.resolve("hello"), "hello world");
        Files.createSymbolicLink(files.resolve("link"), host.resolve("secret"));
        Files.writeString(host.resolve("secret"), "secret");
        daemon.builder().building((_, _, progress) -> {
            progress.vertex(FakeBuilder.digest("x"), "[1/1] x", List.of()).cached();
            return daemon.builder()
                    .result(
                            Map.of("containerimage.config", "{}"),
                            List.of(BuildResult.SINGLE),
                            () -> new DirectoryFiles(Directory.open(files)));
        });
        ManagedChannel channel = client.calls();
        CompletableFuture<ControlProto.SolveResponse> whole = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                whole.complete(
                        call(channel, SOLVE, dockerfile("r1").setFrontend("").build(), ""));
            } catch (Exception e) {
                whole.completeExceptionally(e);
            }
        });
        var part = call(
                channel,
                PART,
                GatewayProto.SolveRequest.newBuilder()
                        .setFrontend("dockerfile.v0")
                        .setAllowResultReturn(true)
                        .setAllowResultArrayRef(true)
                        .build(),
                "r1");
        String ref = part.getResult().getRef().getId();
        assertThat(part.getResult().getMetadataMap()).containsKey("containerimage.config");
        var readFile = Methods.unary(
                GATEWAY, "ReadFile", ReadFileRequest.getDefaultInstance(), ReadFileResponse.getDefaultInstance());
        var range = GatewayProto.FileRange.newBuilder().setOffset(6).setLength(3);
        assertThat(call(
                                channel,
                                readFile,
                                ReadFileRequest.newBuilder()
                                        .setRef(ref)
                                        .setFilePath("/hello")
                                        .setRange(range)
                                        .build(),
                                "r1")
                        .getData()
                        .toStringUtf8())
                .isEqualTo("wor");
        for (String outside : List.of(
                "../secret", "link", "/../../secret", host.resolve("secret").toString())) {
            assertThatThrownBy(() -> call(
                            channel,
                            readFile,
                            ReadFileRequest.newBuilder()
                                    .setRef(ref)
                                    .setFilePath(outside)
                                    .build(),
                            "r1"))
                    .satisfies(error -> assertThat(codeOf(error)).isEqualTo(Status.Code.NOT_FOUND));
        }
        var readDir = Methods.unary(
                GATEWAY, "ReadDir", ReadDirRequest.getDefaultInstance(), ReadDirResponse.getDefaultInstance());
        assertThat(call(
                                channel,
                                readDir,
                                ReadDirRequest.newBuilder()
                                        .setRef(ref)
                                        .setDirPath("/")
                                        .setIncludePattern("h*")
                                        .build(),
                                "r1")
                        .getEntriesList())
                .singleElement()
                .satisfies(entry -> assertThat(entry.getSize()).isEqualTo(11));
        assertThat(daemon.builder().openResults()).isEqualTo(1);
        call(
                channel,
                RETURN,
                ReturnRequest.newBuilder().setResult(part.getResult()).build(),
                "r1");
        assertThat(whole.get(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(daemon.builder().openResults()).isZero();
    }

    @Test
    void buildGraphsAndOtherFrontendsAreRefused() throws Exception {
        ManagedChannel channel = client.calls();
        var graph = Definition.newBuilder().addDef(ByteString.copyFromUtf8("op"));
        for (var request : List.of(
                dockerfile("r1").setFrontend("").setDefinition(graph),
                dockerfile("r1").setFrontend("gateway.v0"),
                dockerfile("r1").putFrontendInputs("x", graph.build()))) {
            assertThatThrownBy(() -> call(channel, SOLVE, request.build(), ""))
                    .hasMessageContaining("dockerfile.v0")
                    .satisfies(error -> assertThat(codeOf(error)).isEqualTo(Status.Code.UNIMPLEMENTED));
        }
        assertThat(daemon.builder().requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../x", "a/b", "..", ".a", "a..b", "a b", "a\nb", "\0"})
    void namesThatCouldBePathsAreRefused(String id) throws Exception {
        ManagedChannel channel = client.calls();
        assertThatThrownBy(() -> call(channel, SOLVE, dockerfile(id).build(), ""))
                .satisfies(error -> assertThat(codeOf(error)).isEqualTo(Status.Code.INVALID_ARGUMENT));
        assertThatThrownBy(() ->
                        call(channel, SOLVE, dockerfile("r").setSession(id).build(), ""))
                .satisfies(error -> assertThat(codeOf(error)).isEqualTo(Status.Code.INVALID_ARGUMENT));
    }

    @Test
    void aSessionEndsWithItsConnection() throws Exception {
        CountDownLatch building = new CountDownLatch(1);
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        AutoCloseable session = client.offer("s1", "");
        daemon.builder().building((_, told, _) -> {
            try {
                told.credential("registry"); // unknown to this client: none
                building.countDown();
                while (true) {
                    told.credential("registry");
                    Thread.sleep(5);
                }
            } catch (SessionException e) {
                seen.complete(e);
                throw e;
            }
        });
        ManagedChannel channel = client.calls();
        Thread.ofVirtual()
                .start(() -> assertThatThrownBy(
                        () -> call(channel, SOLVE, dockerfile("r1").build(), "")));
        assertThat(building.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(client.upgrade("/session", "X-Docker-Expose-Session-Uuid: s1\r\n")
                        .status())
                .as("a second session of the same id")
                .doesNotContain("101");
        session.close();
        assertThat(seen.get(10, TimeUnit.SECONDS)).isInstanceOf(SessionException.class);
    }

    @Test
    void aBuildIsInterruptedWhenItsClientIsGone() throws Exception {
        CountDownLatch building = new CountDownLatch(1);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        client.offer("s1", "");
        daemon.builder().building((_, _, _) -> {
            building.countDown();
            try {
                Thread.sleep(60_000);
                throw new IOException("not interrupted");
            } catch (InterruptedException e) {
                interrupted.complete(true);
                throw e;
            }
        });
        DoorClient gone = new DoorClient(daemon.socket());
        ManagedChannel channel = gone.calls();
        Thread.ofVirtual()
                .start(() -> assertThatThrownBy(
                        () -> call(channel, SOLVE, dockerfile("r1").build(), "")));
        assertThat(building.await(10, TimeUnit.SECONDS)).isTrue();
        gone.close();
        assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void statusTellsWhatHappenedAndHistoryKeepsIt() throws Exception {
        client.offer("s1", "");
        daemon.builder().building((_, _, progress) -> {
            var step = progress.vertex(FakeBuilder.digest("x"), "[1/1] x", List.of());
            step.started();
            byte[] line = "some output\n".repeat(100).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 2_000_000 / line.length; i++) {
                step.log(1, line, 0, line.length);
            }
            throw new BuildException("it failed");
        });
        ManagedChannel channel = client.calls();
        var status = Methods.answersMany(
                CONTROL, "Status", StatusRequest.getDefaultInstance(), StatusResponse.getDefaultInstance());
        try (Duplex<StatusRequest, StatusResponse> news = Duplex.open(channel, status, new Metadata())) {
            news.send(StatusRequest.newBuilder().setRef("r1").build());
            news.halfClose();
            assertThatThrownBy(() -> call(channel, SOLVE, dockerfile("r1").build(), ""))
                    .hasMessageContaining("it failed");
            long bytes = 0;
            List<ControlProto.Vertex> steps = new ArrayList<>();
            for (StatusResponse response = news.receive(); response != null; response = news.receive()) {
                bytes += response.getLogsList().stream()
                        .mapToLong(log -> log.getMsg().size())
                        .sum();
                steps.addAll(response.getVertexesList());
            }
            assertThat(bytes).isEqualTo(1_999_200);
            assertThat(steps.getLast().getError()).isEqualTo("context canceled");
        }
        var history = Methods.answersMany(
                CONTROL,
                "ListenBuildHistory",
                BuildHistoryRequest.getDefaultInstance(),
                BuildHistoryEvent.getDefaultInstance());
        try (Duplex<BuildHistoryRequest, BuildHistoryEvent> events = Duplex.open(channel, history, new Metadata())) {
            events.send(BuildHistoryRequest.newBuilder().setEarlyExit(true).build());
            events.halfClose();
            BuildHistoryEvent event = Objects.requireNonNull(events.receive());
            assertThat(event.getRecord().getError().getMessage()).isEqualTo("it failed");
            assertThat(events.receive()).isNull();
        }
    }

    @Test
    void theProgressOfAnInternalBuildIsToldAfterItsEnd() throws Exception {
        client.offer("s1", "");
        daemon.builder().building((_, _, progress) -> {
            progress.vertex(FakeBuilder.digest("x"), "[1/1] x", List.of()).started();
            return daemon.builder().result(Map.of(), List.of(), null);
        });
        ManagedChannel channel = client.calls();
        call(channel, SOLVE, dockerfile("r1").setInternal(true).build(), "");
        var status = Methods.answersMany(
                CONTROL, "Status", StatusRequest.getDefaultInstance(), StatusResponse.getDefaultInstance());
        try (Duplex<StatusRequest, StatusResponse> news = Duplex.open(channel, status, new Metadata())) {
            news.send(StatusRequest.newBuilder().setRef("r1").build());
            news.halfClose();
            assertThat(Objects.requireNonNull(news.receive()).getVertexesList())
                    .extracting(ControlProto.Vertex::getName)
                    .contains("[1/1] x");
        }
        var history = Methods.answersMany(
                CONTROL,
                "ListenBuildHistory",
                BuildHistoryRequest.getDefaultInstance(),
                BuildHistoryEvent.getDefaultInstance());
        try (Duplex<BuildHistoryRequest, BuildHistoryEvent> events = Duplex.open(channel, history, new Metadata())) {
            events.send(BuildHistoryRequest.newBuilder().setEarlyExit(true).build());
            events.halfClose();
            assertThat(events.receive()).isNull();
        }
    }

    @Test
    void aSessionMayTravelInMessages() throws Exception {
        ManagedChannel channel = client.calls();
        var session = Methods.duplex(
                CONTROL, "Session", BytesMessage.getDefaultInstance(), BytesMessage.getDefaultInstance());
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("X-Docker-Expose-Session-Uuid", Metadata.ASCII_STRING_MARSHALLER), "s1");
        try (Duplex<BytesMessage, BytesMessage> bytes = Duplex.open(channel, session, headers)) {
            BytesMessage preface = Objects.requireNonNull(bytes.receive());
            assertThat(preface.getData().toStringUtf8()).startsWith("PRI * HTTP/2.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/grpc", "/session"})
    void nonsenseEndsTheConnectionAndNothingElse(String path) throws Exception {
        for (int i = 0; i < 20; i++) {
            byte[] nonsense = new byte[4096];
            Arrays.fill(nonsense, (byte) (i * 37 + 1));
            try (DoorClient.Raw raw = client.upgrade(path, "X-Docker-Expose-Session-Uuid: n" + i + "\r\n")) {
                assertThat(raw.status()).contains("101");
                try {
                    raw.output().write(nonsense);
                    raw.input().readAllBytes();
                } catch (IOException e) {
                    // Reset is as good as closed.
                }
            }
        }
        aDockerfileIsBuiltAndExportedInOneCall();
    }

    @Test
    void messagesThatAreTooLargeOrMalformedAreRefused() throws Exception {
        ManagedChannel channel = client.calls();
        var large = dockerfile("r1").putFrontendAttrs("x", "y".repeat(17 << 20));
        assertThatThrownBy(() -> call(channel, SOLVE, large.build(), ""))
                .satisfies(error -> assertThat(codeOf(error)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
        // A string field with bytes that are no UTF-8, as another type of message can hold them.
        var bytes = Methods.unary(
                CONTROL, "Solve", BytesMessage.getDefaultInstance(), ControlProto.SolveResponse.getDefaultInstance());
        var malformed = BytesMessage.newBuilder()
                .setData(ByteString.copyFrom(new byte[] {(byte) 0xFF, (byte) 0xFE}))
                .build();
        assertThatThrownBy(() -> call(channel, bytes, malformed, ""))
                .satisfies(error -> assertThat(codeOf(error)).isEqualTo(Status.Code.INVALID_ARGUMENT));
        client.offer("s1", "");
        assertThat(call(channel, SOLVE, dockerfile("r2").build(), "")).isNotNull();
    }
}
