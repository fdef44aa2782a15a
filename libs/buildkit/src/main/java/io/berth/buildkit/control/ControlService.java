package io.berth.buildkit.control;

import io.berth.buildkit.Builder;
import io.berth.buildkit.rpc.Ids;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.rpc.Responses;
import io.berth.buildkit.wire.ControlProto.DiskUsageRequest;
import io.berth.buildkit.wire.ControlProto.DiskUsageResponse;
import io.berth.buildkit.wire.ControlProto.InfoRequest;
import io.berth.buildkit.wire.ControlProto.InfoResponse;
import io.berth.buildkit.wire.ControlProto.ListWorkersRequest;
import io.berth.buildkit.wire.ControlProto.ListWorkersResponse;
import io.berth.buildkit.wire.ControlProto.PruneRequest;
import io.berth.buildkit.wire.ControlProto.SolveRequest;
import io.berth.buildkit.wire.ControlProto.SolveResponse;
import io.berth.buildkit.wire.ControlProto.StatusRequest;
import io.berth.buildkit.wire.ControlProto.StatusResponse;
import io.berth.buildkit.wire.ControlProto.UsageRecord;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code moby.buildkit.v1.Control}: what clients start builds with, watch them, and look after the cache. */
final class ControlService {
    static final String NAME = "moby.buildkit.v1.Control";

    /** Clients ask for the status of a build that they are just about to start; BuildKit waits as long. */
    private static final Duration BUILD_PATIENCE = Duration.ofSeconds(6);

    private static final Duration NEWS_PATIENCE = Duration.ofSeconds(10);

    /** News are told together, so that fast builds do not cost more in telling than in building. */
    private static final long BETWEEN_NEWS_MILLIS = 50;

    private final Builder builder;
    private final Builds builds;
    private final Solver solver;

    ControlService(Builder builder, Builds builds, Solver solver) {
        this.builder = builder;
        this.builds = builds;
        this.solver = solver;
    }

    /** The service's methods; {@code Session} is another class's, as are those of the history. */
    void addTo(ServerServiceDefinition.Builder service) {
        service.addMethod(
                Methods.unary(NAME, "Solve", SolveRequest.getDefaultInstance(), SolveResponse.getDefaultInstance()),
                Calls.lasting("build", solver::solve));
        service.addMethod(
                Methods.answersMany(
                        NAME, "Status", StatusRequest.getDefaultInstance(), StatusResponse.getDefaultInstance()),
                Calls.streaming("build-status", this::status));
        service.addMethod(
                Methods.unary(
                        NAME,
                        "ListWorkers",
                        ListWorkersRequest.getDefaultInstance(),
                        ListWorkersResponse.getDefaultInstance()),
                Calls.quick(_ -> ListWorkersResponse.newBuilder()
                        .addRecord(Wire.worker(builder.worker()))
                        .build()));
        service.addMethod(
                Methods.unary(NAME, "Info", InfoRequest.getDefaultInstance(), InfoResponse.getDefaultInstance()),
                Calls.quick(_ -> InfoResponse.newBuilder()
                        .setBuildkitVersion(Wire.version(builder.worker()))
                        .build()));
        service.addMethod(
                Methods.unary(
                        NAME,
                        "DiskUsage",
                        DiskUsageRequest.getDefaultInstance(),
                        DiskUsageResponse.getDefaultInstance()),
                Calls.lasting("build-usage", this::diskUsage));
        service.addMethod(
                Methods.answersMany(NAME, "Prune", PruneRequest.getDefaultInstance(), UsageRecord.getDefaultInstance()),
                Calls.streaming("build-prune", this::prune));
    }

    private void status(StatusRequest request, Responses<StatusResponse> responses) throws Exception {
        BuildLog log = builds.await(Calls.client(), Ids.check("build", request.getRef()), BUILD_PATIENCE)
                .log();
        BuildLog.News news = log.since(0, NEWS_PATIENCE);
        while (true) {
            for (StatusResponse response : news.responses()) {
                if (!responses.send(response)) {
                    return;
                }
            }
            if (news.finished()) {
                return;
            }
            Thread.sleep(BETWEEN_NEWS_MILLIS);
            news = log.since(news.upTo(), NEWS_PATIENCE);
        }
    }

    private DiskUsageResponse diskUsage(DiskUsageRequest request) {
        DiskUsageResponse.Builder response = DiskUsageResponse.newBuilder();
        builder.diskUsage(request.getFilterList()).forEach(record -> response.addRecord(Wire.usage(record)));
        return response.build();
    }

    private void prune(PruneRequest request, Responses<UsageRecord> responses) throws Exception {
        io.berth.buildkit.PruneRequest asked = new io.berth.buildkit.PruneRequest(
                request.getFilterList(),
                request.getAll(),
                request.getKeepDuration() <= 0 ? null : Duration.ofNanos(request.getKeepDuration()),
                Math.max(0, request.getReservedSpace()),
                Math.max(0, request.getMaxUsedSpace()),
                Math.max(0, request.getMinFreeSpace()));
        List<UsageRecord> untold = new ArrayList<>();
        builder.prune(asked, record -> {
            UsageRecord usage = Wire.usage(record);
            // The builder is not to wait for the client.
            if (!untold.isEmpty() || !responses.offer(usage)) {
                untold.add(usage);
            }
        });
        for (UsageRecord usage : untold) {
            if (!responses.send(usage)) {
                return;
            }
        }
    }
}
