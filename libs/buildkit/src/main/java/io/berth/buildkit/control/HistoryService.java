package io.berth.buildkit.control;

import com.google.protobuf.Timestamp;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.rpc.Responses;
import io.berth.buildkit.wire.ControlProto.BuildHistoryEvent;
import io.berth.buildkit.wire.ControlProto.BuildHistoryEventType;
import io.berth.buildkit.wire.ControlProto.BuildHistoryRecord;
import io.berth.buildkit.wire.ControlProto.BuildHistoryRequest;
import io.berth.buildkit.wire.ControlProto.UpdateBuildHistoryRequest;
import io.berth.buildkit.wire.ControlProto.UpdateBuildHistoryResponse;
import io.berth.json.Frozen;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code docker buildx history} asks: which builds there are and were. Records last as long as this process; logs and
 * attestations are not among them.
 */
final class HistoryService {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Builds builds;

    HistoryService(Builds builds) {
        this.builds = builds;
    }

    void addTo(ServerServiceDefinition.Builder service) {
        service.addMethod(
                Methods.answersMany(
                        ControlService.NAME,
                        "ListenBuildHistory",
                        BuildHistoryRequest.getDefaultInstance(),
                        BuildHistoryEvent.getDefaultInstance()),
                Calls.streaming("build-history", this::listen));
        service.addMethod(
                Methods.unary(
                        ControlService.NAME,
                        "UpdateBuildHistory",
                        UpdateBuildHistoryRequest.getDefaultInstance(),
                        UpdateBuildHistoryResponse.getDefaultInstance()),
                Calls.quick(this::update));
    }

    private UpdateBuildHistoryResponse update(UpdateBuildHistoryRequest request) {
        if (request.getDelete()) {
            builds.remove(Calls.client(), request.getRef());
        } else if (!request.getFinalize()) {
            builds.pin(Calls.client(), request.getRef(), request.getPinned());
        }
        return UpdateBuildHistoryResponse.getDefaultInstance();
    }

    private void listen(BuildHistoryRequest request, Responses<BuildHistoryEvent> responses) throws Exception {
        Map<String, BuildHistoryEventType> told = new HashMap<>();
        while (true) {
            long known = builds.changes();
            if (!tell(request, told, responses) || request.getEarlyExit()) {
                return;
            }
            builds.awaitChange(known, PATIENCE);
        }
    }

    private boolean tell(
            BuildHistoryRequest request,
            Map<String, BuildHistoryEventType> told,
            Responses<BuildHistoryEvent> responses)
            throws InterruptedException {
        List<Build> all = builds.all(Calls.client());
        int limit = request.getLimit() > 0 ? request.getLimit() : Integer.MAX_VALUE;
        Set<String> there = new HashSet<>();
        // Where not all are wanted, the latest are.
        for (Build build : all.subList(Math.max(0, all.size() - limit), all.size())) {
            boolean active = build.ended() == null;
            if ((request.getActiveOnly() && !active && !told.containsKey(build.ref()))
                    || !(request.getRef().isEmpty() || request.getRef().equals(build.ref()))) {
                continue;
            }
            there.add(build.ref());
            BuildHistoryEventType type = active ? BuildHistoryEventType.STARTED : BuildHistoryEventType.COMPLETE;
            if (type != told.put(build.ref(), type) && !send(type, record(build), responses)) {
                return false;
            }
        }
        for (String gone : Frozen.set(told.keySet())) {
            if (!there.contains(gone)) {
                told.remove(gone);
                BuildHistoryRecord record =
                        BuildHistoryRecord.newBuilder().setRef(gone).build();
                if (!send(BuildHistoryEventType.DELETED, record, responses)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean send(
            BuildHistoryEventType type, BuildHistoryRecord record, Responses<BuildHistoryEvent> responses)
            throws InterruptedException {
        return responses.send(
                BuildHistoryEvent.newBuilder().setType(type).setRecord(record).build());
    }

    private BuildHistoryRecord record(Build build) {
        BuildLog.Counts counts = build.log().counts();
        Timestamp created = Wire.timestamp(build.created());
        BuildHistoryRecord.Builder record = BuildHistoryRecord.newBuilder()
                .setRef(build.ref())
                .setFrontend(Wire.FRONTEND)
                .putAllFrontendAttrs(build.attributes())
                .addAllExporters(build.request().getExportersList())
                .setCreatedAt(created)
                .setPinned(builds.isPinned(build))
                .setNumTotalSteps(counts.total())
                .setNumCachedSteps(counts.cached())
                .setNumCompletedSteps(counts.completed())
                .setNumWarnings(counts.warnings());
        Build.@Nullable Ended ended = build.ended();
        if (ended != null) {
            record.setCompletedAt(Wire.timestamp(ended.at())).putAllExporterResponse(ended.response());
            if (ended.error() != null) {
                record.setError(ended.error());
            }
        }
        return record.build();
    }
}
