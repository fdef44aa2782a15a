package io.berth.buildkit.control;

import io.berth.buildkit.BuildRecord;
import io.berth.buildkit.Builder;
import io.berth.buildkit.Client;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.session.SessionOffer;
import io.berth.buildkit.session.Sessions;
import io.berth.buildkit.transfer.ReceivedTrees;
import io.berth.buildkit.transport.Connection;
import io.berth.buildkit.transport.StreamTransport;
import io.berth.buildkit.wire.HealthProto.HealthCheckRequest;
import io.berth.buildkit.wire.HealthProto.HealthCheckResponse;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * BuildKit's services for one builder, on connections that an HTTP server has taken over: {@code POST /grpc}, on which the
 * client calls, and {@code POST /session}, on which it is called. Both begin HTTP/2 right behind the answer to {@code Upgrade:
 * h2c}.
 *
 * <p>Safe for several threads. Closing ends all connections and interrupts all builds.
 */
public final class BuildKitServer implements AutoCloseable {
    private final StreamTransport transport = new StreamTransport();
    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("buildkit-", 0).factory());
    private final Sessions sessions;
    private final Clients clients = new Clients();
    private final Server server;
    private final Builds builds;

    /**
     * Serves at once.
     *
     * @param builder called for every build
     * @param trees where clients' directories are kept; belongs to the caller
     */
    public BuildKitServer(Builder builder, ReceivedTrees trees, Clock clock) throws IOException {
        sessions = new Sessions(transport, trees);
        builds = new Builds(clock);
        Solver solver = new Solver(builder, sessions, builds, clock);
        ServerServiceDefinition.Builder control = ServerServiceDefinition.builder(ControlService.NAME);
        new ControlService(builder, builds, solver).addTo(control);
        new HistoryService(builds).addTo(control);
        new SessionService(sessions).addTo(control);
        ServerServiceDefinition.Builder gateway = ServerServiceDefinition.builder(GatewayService.NAME);
        new GatewayService(builder, builds, solver).addTo(gateway);
        new ResultFilesService(builds).addTo(gateway);
        server = transport
                .serverBuilder()
                .executor(executor)
                .addService(guarded(control.build(), clients))
                .addService(guarded(gateway.build(), clients))
                .addService(health())
                .build()
                .start();
    }

    private static ServerServiceDefinition guarded(ServerServiceDefinition service, Clients clients) {
        return ServerInterceptors.intercept(
                ServerInterceptors.useInputStreamMessages(service), Calls.TELL_MALFORMED, Calls.KEEP_HEADERS, clients);
    }

    private static ServerServiceDefinition health() {
        String name = "grpc.health.v1.Health";
        return ServerServiceDefinition.builder(name)
                .addMethod(
                        Methods.unary(
                                name,
                                "Check",
                                HealthCheckRequest.getDefaultInstance(),
                                HealthCheckResponse.getDefaultInstance()),
                        Calls.quick(_ -> HealthCheckResponse.newBuilder()
                                .setStatus(HealthCheckResponse.ServingStatus.SERVING)
                                .build()))
                .build();
    }

    /** Serves a client that calls; returns when the connection is over, with all that was under way on it. */
    public void serve(Client client, Connection connection) throws IOException, InterruptedException {
        SocketAddress from = transport.newAddress();
        clients.put(from, client);
        try {
            transport.serve(connection, from);
        } finally {
            clients.remove(from);
        }
    }

    /**
     * Takes a client's offer to be called, before its connection is taken over; {@link Sessions.Accepted#run} or {@link
     * Sessions.Accepted#close} must follow.
     *
     * @param client whose builds alone may use it
     * @throws io.berth.docker.error.Conflict when there is a session of the same id
     */
    public Sessions.Accepted accept(Client client, SessionOffer offer) {
        return sessions.accept(client, offer);
    }

    /** The builds that are under way and the last that were, everybody's, the oldest first. */
    public List<BuildRecord> builds() {
        return builds.all(Client.UNRESTRICTED).stream()
                .filter(build -> !build.request().getInternal())
                .map(Build::record)
                .toList();
    }

    @Override
    public void close() {
        var _ = server.shutdownNow();
        executor.shutdownNow();
        transport.close();
    }
}
