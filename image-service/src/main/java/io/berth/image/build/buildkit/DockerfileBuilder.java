package io.berth.image.build.buildkit;

import io.berth.buildkit.BuildException;
import io.berth.buildkit.BuildProgress;
import io.berth.buildkit.BuildRequest;
import io.berth.buildkit.BuildResult;
import io.berth.buildkit.CacheRecord;
import io.berth.buildkit.Client;
import io.berth.buildkit.ClientSession;
import io.berth.buildkit.ExportRequest;
import io.berth.buildkit.PruneRequest;
import io.berth.buildkit.WorkerInfo;
import io.berth.docker.Decimal;
import io.berth.docker.error.InvalidParameter;
import io.berth.dockerfile.Lines;
import io.berth.dockerserver.filter.Filters;
import io.berth.image.build.BuildFailure;
import io.berth.image.build.BuildSteps;
import io.berth.image.build.BuiltImage;
import io.berth.image.build.CacheExchange;
import io.berth.image.build.SourceDate;
import io.berth.image.build.attest.AttestationOptions;
import io.berth.image.build.attest.BuildAttestations;
import io.berth.image.build.attest.BuildFacts;
import io.berth.image.cache.BuildCache;
import io.berth.image.cache.PruneBuildCache;
import io.berth.image.caller.Caller;
import io.berth.node.BuildStep.Limits;
import io.berth.oci.Platform;
import io.berth.registryclient.RegistryCredentials;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Builds for BuildKit's clients with this service's builder. Thread-safe. */
@Component
final class DockerfileBuilder implements io.berth.buildkit.Builder {
    /** Whose behaviour clients may count on. */
    private static final String VERSION = "v0.13.1";

    private final io.berth.image.build.Builder builder;
    private final Exports exports;
    private final CacheExports caches;
    private final SessionTools tools;
    private final BuildCache cache;
    private final PruneBuildCache prune;
    private final BuildAttestations attestations;
    private final BuildSteps steps;

    DockerfileBuilder(
            io.berth.image.build.Builder builder,
            Exports exports,
            CacheExports caches,
            SessionTools tools,
            BuildCache cache,
            PruneBuildCache prune,
            BuildAttestations attestations,
            BuildSteps steps) {
        this.steps = steps;
        this.attestations = attestations;
        this.builder = builder;
        this.exports = exports;
        this.caches = caches;
        this.tools = tools;
        this.cache = cache;
        this.prune = prune;
    }

    @Override
    public void authorize(Client client, BuildRequest request, List<ExportRequest> exports) {
        BuildPermission.check(Caller.of(client.identity()), request, exports);
    }

    @Override
    public BuildResult build(Client client, BuildRequest request, ClientSession session, BuildProgress progress)
            throws BuildException, IOException, InterruptedException {
        Caller caller = Caller.of(client.identity());
        refuseUnsupported(request);
        AttestationOptions _ = AttestationOptions.parse(request.attestations()); // refused before anything is built
        List<Platform> platforms = request.platforms().stream()
                .map(DockerfileBuilder::platform)
                .distinct()
                .toList();
        List<PlatformResult> results = new ArrayList<>();
        boolean complete = false;
        try (SessionInput input = new SessionInput(caller, request, session, progress, tools)) {
            String dockerfile = input.dockerfile();
            if (platforms.size() < 2) {
                @Nullable Platform platform = platforms.isEmpty() ? null : platforms.getFirst();
                results.add(build(caller, request, platform, "", input, dockerfile, session, progress));
            } else {
                // One after the other: stages of this machine's own platform are in the cache for those that come
                // later.
                for (Platform platform : platforms) {
                    results.add(build(
                            caller, request, platform, platform.toString(), input, dockerfile, session, progress));
                }
            }
            boolean inline = CacheExchange.isInline(request.buildArguments())
                    || request.cacheExports().stream().anyMatch(to -> to.type().equals("inline"));
            Map<String, String> told = caches.send(
                    caller, results.stream().map(PlatformResult::image).toList(), request, session, progress);
            Built built = new Built(results, platforms.size() > 1, inline, told);
            complete = true;
            return built;
        } catch (BuildFailure e) {
            throw failure(e, null);
        } finally {
            if (!complete) {
                results.forEach(result -> result.image().close());
            }
        }
    }

    /** @param prefix of the names of steps; empty for none */
    private PlatformResult build(
            Caller caller,
            BuildRequest request,
            @Nullable Platform platform,
            String prefix,
            SessionInput input,
            String dockerfile,
            ClientSession session,
            BuildProgress progress)
            throws BuildException, IOException, InterruptedException {
        Instant started = Instant.now();
        VertexListener listener =
                new VertexListener(progress, input.definition(), request.filename(), dockerfile, prefix);
        try {
            BuiltImage built = builder.build(request(caller, request, platform, dockerfile, session), input, listener);
            BuildFacts facts = input.facts(dockerfile, built.materials(), started);
            AttestationOptions attested = AttestationOptions.parse(request.attestations());
            return new PlatformResult(
                    platform == null ? built.config().platform() : platform,
                    built,
                    new Attested(attestations, attested, facts, built));
        } catch (BuildFailure e) {
            throw failure(e, listener);
        }
    }

    private static void refuseUnsupported(BuildRequest request) throws BuildException {
        if (request.attribute("requestid") != null) {
            throw new BuildException("unsupported request " + request.attribute("requestid"));
        }
    }

    private static BuildException failure(BuildFailure failure, @Nullable VertexListener listener) {
        Lines lines = failure.lines();
        return new BuildException(
                failure.text(),
                listener == null ? null : listener.failed(),
                listener == null || lines.equals(Lines.NONE)
                        ? List.of()
                        : List.of(listener.lines(lines.first(), lines.last())),
                failure);
    }

    private static io.berth.image.build.BuildRequest request(
            Caller caller,
            BuildRequest request,
            @Nullable Platform platform,
            String dockerfile,
            ClientSession session) {
        Map<String, String> arguments = new HashMap<>(request.buildArguments());
        Map<String, String> labels = new LinkedHashMap<>(request.labels());
        if (!caller.project().isEmpty()) {
            // Whose image it is: behind what the Dockerfile says.
            labels.put(Caller.PROJECT_LABEL, caller.project());
        }
        return new io.berth.image.build.BuildRequest(
                dockerfile,
                request.target(),
                arguments,
                labels,
                request.noCache() || !request.noCacheStages().isEmpty(),
                Set.copyOf(request.noCacheStages()),
                request.pull(),
                request.attribute("force-network-mode", "default"),
                extraHosts(request.attribute("add-hosts", "")),
                limits(request),
                platform,
                request.entitlements(),
                SourceDate.of(arguments),
                request.cacheImports().stream()
                        .map(from -> from.attributes().getOrDefault("ref", ""))
                        .filter(ref -> !ref.isEmpty())
                        .toList(),
                caller,
                credentials(caller, session));
    }

    /** {@code name=address,name=address}. */
    private static List<String> extraHosts(String text) {
        List<String> hosts = new ArrayList<>();
        for (String host : text.isEmpty() ? new String[0] : text.split(",")) {
            hosts.add(host.replaceFirst("=", ":"));
        }
        return hosts;
    }

    private static Limits limits(BuildRequest request) {
        String shm = request.attribute("shm-size", "0");
        String ulimits = request.attribute("ulimit", "");
        try {
            return new Limits(
                    0,
                    0,
                    0,
                    0,
                    0,
                    "",
                    "",
                    Decimal.parseLong(shm),
                    request.attribute("cgroup-parent", ""),
                    ulimits.isEmpty() ? List.of() : List.of(ulimits.split(",")));
        } catch (NumberFormatException e) {
            throw new InvalidParameter("failed to parse shm-size: " + shm, e);
        }
    }

    private static Platform platform(String text) {
        try {
            return Platform.parse(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter("failed to parse platform " + text + ": " + e.getMessage(), e);
        }
    }

    private static Function<String, RegistryCredentials> credentials(Caller caller, ClientSession session) {
        return host -> {
            try {
                return Exports.credentials(
                        caller, session.credential(host.equals("docker.io") ? "registry-1.docker.io" : host));
            } catch (InterruptedIOException e) {
                Thread.currentThread().interrupt();
                throw new BuildFailure("canceled", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BuildFailure("canceled", e);
            } catch (IOException e) {
                return RegistryCredentials.ANONYMOUS.onBehalfOf(caller.identity());
            }
        };
    }

    @Override
    public Map<String, String> export(
            Client client, BuildResult result, ExportRequest export, ClientSession session, BuildProgress progress)
            throws BuildException, IOException, InterruptedException {
        if (!(result instanceof Built built)) {
            throw new BuildException("nothing was built that could be exported");
        }
        try {
            Map<String, String> told =
                    new HashMap<>(exports.export(Caller.of(client.identity()), built, export, session, progress));
            told.putAll(built.told());
            return told;
        } catch (BuildFailure e) {
            throw failure(e, null);
        }
    }

    @Override
    public List<CacheRecord> diskUsage(List<String> filters) {
        return cache.list().stream().map(DockerfileBuilder::record).toList();
    }

    private static CacheRecord record(io.berth.image.cache.CacheRecord record) {
        return new CacheRecord(
                record.id(),
                record.kind(),
                record.description(),
                record.parentKey() == null ? List.of() : List.of(record.parentKey()),
                record.size(),
                record.directory() != null,
                record.inUse(),
                record.shared(),
                record.createdAt(),
                record.usedAt(),
                record.uses());
    }

    @Override
    public void prune(PruneRequest request, Consumer<CacheRecord> pruned) {
        Map<String, List<String>> filters = new HashMap<>();
        if (request.unusedFor() != null) {
            filters.put("until", List.of(request.unusedFor().toSeconds() + "s"));
        }
        for (String filter : request.filters()) {
            String[] parts = filter.split("[=~]+", 2);
            filters.merge(parts[0], List.of(parts.length < 2 ? "true" : parts[1]), (a, b) -> {
                List<String> both = new ArrayList<>(a);
                both.addAll(b);
                return both;
            });
        }
        long keep = Math.max(request.reservedBytes(), request.maxUsedBytes());
        prune.prune(request.all(), keep, Filters.of(filters), gone -> pruned.accept(record(gone)));
    }

    @Override
    public WorkerInfo worker() {
        Map<String, String> labels = new HashMap<>();
        labels.put(WorkerInfo.IMAGE_STORE_LABEL, "overlayfs");
        steps.hostGateway().ifPresent(address -> labels.put(WorkerInfo.HOST_GATEWAY_LABEL, address));
        return new WorkerInfo("berth", labels, List.of(Platform.current()), VERSION);
    }
}
