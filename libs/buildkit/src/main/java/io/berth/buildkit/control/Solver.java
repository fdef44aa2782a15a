package io.berth.buildkit.control;

import io.berth.buildkit.BuildRequest;
import io.berth.buildkit.BuildResult;
import io.berth.buildkit.Builder;
import io.berth.buildkit.Client;
import io.berth.buildkit.ClientSession;
import io.berth.buildkit.ExportRequest;
import io.berth.buildkit.rpc.Ids;
import io.berth.buildkit.rpc.RpcErrors;
import io.berth.buildkit.session.Sessions;
import io.berth.buildkit.wire.ControlProto.SolveRequest;
import io.berth.buildkit.wire.ControlProto.SolveResponse;
import io.berth.buildkit.wire.StatusProto;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a build from a client's request to its last export. */
final class Solver {
    private static final Logger LOG = LoggerFactory.getLogger(Solver.class);

    /** How long a session may come after the build that wants it, as in BuildKit. */
    private static final Duration SESSION_PATIENCE = Duration.ofSeconds(5);

    private final Builder builder;
    private final Sessions sessions;
    private final Builds builds;
    private final Clock clock;

    Solver(Builder builder, Sessions sessions, Builds builds, Clock clock) {
        this.builder = builder;
        this.sessions = sessions;
        this.builds = builds;
        this.clock = clock;
    }

    /**
     * Builds and exports. Without a frontend in the request, what is to be built comes by {@link #part}, and the client says
     * which result counts. The current thread is the build's.
     */
    SolveResponse solve(SolveRequest request) throws Exception {
        Client client = Calls.client();
        Wire.checkFrontend(
                request.getFrontend(), request.getDefinition().getDefCount() > 0, request.getFrontendInputsCount() > 0);
        Wire.checkPolicies(List.of(request.getSourcePolicy()));
        List<ExportRequest> exports = Wire.exports(request);
        builder.authorize(client, Wire.request(request), exports);
        Build build = builds.begin(client, request);
        StatusProto.@Nullable Status error = null;
        Map<String, String> response = new LinkedHashMap<>();
        try {
            BuildResult result = request.getFrontend().isEmpty() ? awaited(build) : part(build, Wire.request(request));
            for (ExportRequest export : exports) {
                response.putAll(builder.export(client, result, export, session(build), build.log()));
            }
            return SolveResponse.newBuilder().putAllExporterResponse(response).build();
        } catch (Throwable e) {
            error = RpcErrors.status(e);
            throw e instanceof Exception told ? told : new IllegalStateException("build failed", e);
        } finally {
            build.close();
            build.end(new Build.Ended(clock.instant(), error, response));
            builds.ended(build);
            LOG.atDebug().addKeyValue("ref", build.ref()).log("build ended");
        }
    }

    private static BuildResult awaited(Build build) throws Exception {
        try {
            return build.awaitResult();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception told ? told : e;
        }
    }

    /** Builds something for a build; the current thread works for it until this returns. */
    BuildResult part(Build build, BuildRequest request) throws Exception {
        Client client = Calls.client();
        builder.authorize(client, request, List.of());
        build.join();
        build.attributes(request.attributes());
        try {
            BuildResult result = builder.build(client, request, session(build), build.log());
            build.keep(result);
            return result;
        } finally {
            build.leave();
        }
    }

    /** The session that a build was started with. */
    ClientSession session(Build build) throws InterruptedException {
        return session(build, build.request().getSession());
    }

    /** A session that is named otherwise, or that of the build. */
    ClientSession session(Build build, String id) throws InterruptedException {
        return sessions.await(
                build.client(),
                Ids.check("session", id.isEmpty() ? build.request().getSession() : id),
                SESSION_PATIENCE);
    }
}
