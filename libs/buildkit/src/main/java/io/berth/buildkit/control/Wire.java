package io.berth.buildkit.control;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.berth.buildkit.BuildRequest;
import io.berth.buildkit.CacheOption;
import io.berth.buildkit.CacheRecord;
import io.berth.buildkit.ExportRequest;
import io.berth.buildkit.SourceLines;
import io.berth.buildkit.WorkerInfo;
import io.berth.buildkit.wire.ControlProto;
import io.berth.buildkit.wire.ControlProto.UsageRecord;
import io.berth.buildkit.wire.OpsProto;
import io.berth.buildkit.wire.PolicyProto.Policy;
import io.berth.buildkit.wire.WorkerProto.BuildkitVersion;
import io.berth.buildkit.wire.WorkerProto.WorkerRecord;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import io.berth.oci.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What crosses the wire, made from and into what the builder knows. */
final class Wire {
    /** The only one there is. */
    static final String FRONTEND = "dockerfile.v0";

    private Wire() {}

    static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }

    static OpsProto.SourceInfo sourceInfo(SourceLines source) {
        return OpsProto.SourceInfo.newBuilder()
                .setFilename(source.filename())
                .setData(ByteString.copyFromUtf8(source.text()))
                .setLanguage("Dockerfile")
                .build();
    }

    static List<OpsProto.Range> ranges(SourceLines source) {
        return source.ranges().stream()
                .map(range -> OpsProto.Range.newBuilder()
                        .setStart(OpsProto.Position.newBuilder().setLine(range.first()))
                        .setEnd(OpsProto.Position.newBuilder().setLine(range.last()))
                        .build())
                .toList();
    }

    static WorkerRecord worker(WorkerInfo worker) {
        WorkerRecord.Builder record = WorkerRecord.newBuilder()
                .setID(worker.id())
                .putAllLabels(worker.labels())
                .setBuildkitVersion(version(worker));
        worker.platforms().forEach(platform -> record.addPlatforms(platform(platform)));
        return record.build();
    }

    static BuildkitVersion version(WorkerInfo worker) {
        return BuildkitVersion.newBuilder()
                .setPackage("github.com/moby/buildkit")
                .setVersion(worker.version())
                .build();
    }

    private static OpsProto.Platform platform(Platform platform) {
        return OpsProto.Platform.newBuilder()
                .setArchitecture(platform.architecture())
                .setOS(platform.os())
                .setVariant(Objects.requireNonNullElse(platform.variant(), ""))
                .build();
    }

    static @Nullable Platform platform(OpsProto.Platform platform) {
        return platform.getOS().isEmpty()
                ? null
                : Platform.of(
                        platform.getOS(),
                        platform.getArchitecture(),
                        platform.getVariant().isEmpty() ? null : platform.getVariant());
    }

    static UsageRecord usage(CacheRecord record) {
        UsageRecord.Builder usage = UsageRecord.newBuilder()
                .setID(record.id())
                .setMutable(record.mutable())
                .setInUse(record.inUse())
                .setSize(record.sizeBytes())
                .setCreatedAt(timestamp(record.created()))
                .setUsageCount(record.usageCount())
                .setDescription(record.description())
                .setRecordType(record.type())
                .setShared(record.shared())
                .addAllParents(record.parents());
        if (record.lastUsed() != null) {
            usage.setLastUsedAt(timestamp(record.lastUsed()));
        }
        return usage.build();
    }

    /**
     * The exports of a build, in order.
     *
     * @throws InvalidParameter for an exporter that there is not
     */
    static List<ExportRequest> exports(ControlProto.SolveRequest request) {
        List<ExportRequest> exports = new ArrayList<>();
        List<ControlProto.Exporter> asked = request.getExportersCount() > 0
                ? request.getExportersList()
                : request.getExporterDeprecated().isEmpty()
                        ? List.of()
                        : List.of(ControlProto.Exporter.newBuilder()
                                .setType(request.getExporterDeprecated())
                                .putAllAttrs(request.getExporterAttrsDeprecatedMap())
                                .build());
        for (ControlProto.Exporter exporter : asked) {
            ExportRequest.@Nullable Type type = ExportRequest.Type.of(exporter.getType());
            if (type == null) {
                throw new InvalidParameter("exporter \"" + exporter.getType() + "\" could not be found");
            }
            exports.add(new ExportRequest(exports.size(), type, exporter.getAttrsMap()));
        }
        return exports;
    }

    /** The request of a build that a client starts in one call. */
    static BuildRequest request(ControlProto.SolveRequest request) {
        return new BuildRequest(
                request.getRef(),
                request.getFrontendAttrsMap(),
                cache(request.getCache().getImportsList()),
                cache(request.getCache().getExportsList()),
                new HashSet<>(request.getEntitlementsList()));
    }

    static List<CacheOption> cache(List<ControlProto.CacheOptionsEntry> entries) {
        return entries.stream()
                .map(entry -> new CacheOption(entry.getType(), entry.getAttrsMap()))
                .toList();
    }

    /**
     * Refuses what only a solver of build graphs could do.
     *
     * @param frontend asked for, or empty
     * @param graph whether there is a build graph
     * @param inputs whether there are graphs as inputs
     */
    static void checkFrontend(String frontend, boolean graph, boolean inputs) {
        if (graph || inputs) {
            throw new NotImplemented("build graphs (LLB) of clients are not supported: only Dockerfiles are built,"
                    + " with the frontend " + FRONTEND);
        }
        if (!frontend.isEmpty() && !frontend.equals(FRONTEND)) {
            throw new NotImplemented(
                    "frontend " + frontend + " is not supported: only Dockerfiles are built, with " + FRONTEND);
        }
    }

    /** Refuses rules that would not be kept. */
    static void checkPolicies(List<Policy> policies) {
        for (Policy policy : policies) {
            if (!policy.getUnknownFields().asMap().isEmpty()) {
                throw new NotImplemented("source policies are not supported");
            }
        }
    }
}
