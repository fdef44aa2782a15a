package io.berth.buildkit.control;

import com.google.protobuf.ByteString;
import io.berth.buildkit.BuildRequest;
import io.berth.buildkit.BuildResult;
import io.berth.buildkit.Builder;
import io.berth.buildkit.CacheOption;
import io.berth.buildkit.ImageConfigRequest;
import io.berth.buildkit.ResolvedImageConfig;
import io.berth.buildkit.rpc.Ids;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.wire.CapsProto.APICap;
import io.berth.buildkit.wire.ControlProto.VertexWarning;
import io.berth.buildkit.wire.GatewayProto.EvaluateRequest;
import io.berth.buildkit.wire.GatewayProto.EvaluateResponse;
import io.berth.buildkit.wire.GatewayProto.InputsRequest;
import io.berth.buildkit.wire.GatewayProto.InputsResponse;
import io.berth.buildkit.wire.GatewayProto.PingRequest;
import io.berth.buildkit.wire.GatewayProto.PongResponse;
import io.berth.buildkit.wire.GatewayProto.Ref;
import io.berth.buildkit.wire.GatewayProto.RefMap;
import io.berth.buildkit.wire.GatewayProto.ResolveImageConfigRequest;
import io.berth.buildkit.wire.GatewayProto.ResolveImageConfigResponse;
import io.berth.buildkit.wire.GatewayProto.Result;
import io.berth.buildkit.wire.GatewayProto.ReturnRequest;
import io.berth.buildkit.wire.GatewayProto.ReturnResponse;
import io.berth.buildkit.wire.GatewayProto.SolveRequest;
import io.berth.buildkit.wire.GatewayProto.SolveResponse;
import io.berth.buildkit.wire.GatewayProto.Unsupported;
import io.berth.buildkit.wire.GatewayProto.WarnRequest;
import io.berth.buildkit.wire.GatewayProto.WarnResponse;
import io.berth.docker.error.NotImplemented;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code moby.buildkit.v1.frontend.LLBBridge}: how a client drives a build that it has begun with an empty {@code
 * Control.Solve}. Which one it is, is in a header of every call.
 */
final class GatewayService {
    static final String NAME = "moby.buildkit.v1.frontend.LLBBridge";

    private static final String BUILD_HEADER = "buildkit-controlapi-buildid";

    /** The build may be just about to begin; BuildKit waits as long. */
    private static final Duration BUILD_PATIENCE = Duration.ofSeconds(3);

    /** What clients ask for before they use it (moby/buildkit: frontend/gateway/pb/caps.go). */
    private static final List<String> CAPABILITIES = List.of(
            "solve.base",
            "solve.inlinereturn",
            "resolveimage",
            "resolveimage.resolvemode",
            "readfile",
            "return",
            "returnmap",
            "readdir",
            "statfile",
            "importcaches",
            "proto.refarray",
            "reference.output",
            "frontend.caps",
            "frontend.inputs",
            "gateway.solve.metadata",
            "gateway.evaluate.solve",
            "gateway.evaluate",
            "gateway.warnings");

    private final Builder builder;
    private final Builds builds;
    private final Solver solver;

    GatewayService(Builder builder, Builds builds, Solver solver) {
        this.builder = builder;
        this.builds = builds;
        this.solver = solver;
    }

    void addTo(ServerServiceDefinition.Builder service) {
        service.addMethod(
                Methods.unary(NAME, "Ping", PingRequest.getDefaultInstance(), PongResponse.getDefaultInstance()),
                Calls.quick(_ -> ping()));
        service.addMethod(
                Methods.unary(NAME, "Solve", SolveRequest.getDefaultInstance(), SolveResponse.getDefaultInstance()),
                Calls.lasting("build-part", this::solve));
        service.addMethod(
                Methods.unary(NAME, "Return", ReturnRequest.getDefaultInstance(), ReturnResponse.getDefaultInstance()),
                Calls.quick(this::returned));
        service.addMethod(
                Methods.unary(NAME, "Inputs", InputsRequest.getDefaultInstance(), InputsResponse.getDefaultInstance()),
                Calls.quick(_ -> {
                    var _ = build();
                    return InputsResponse.getDefaultInstance();
                }));
        service.addMethod(
                Methods.unary(
                        NAME, "Evaluate", EvaluateRequest.getDefaultInstance(), EvaluateResponse.getDefaultInstance()),
                Calls.quick(request -> {
                    // Results are never lazy.
                    var _ = build().reference(request.getRef());
                    return EvaluateResponse.getDefaultInstance();
                }));
        service.addMethod(
                Methods.unary(
                        NAME,
                        "ResolveImageConfig",
                        ResolveImageConfigRequest.getDefaultInstance(),
                        ResolveImageConfigResponse.getDefaultInstance()),
                Calls.lasting("build-resolve", this::resolve));
        service.addMethod(
                Methods.unary(NAME, "Warn", WarnRequest.getDefaultInstance(), WarnResponse.getDefaultInstance()),
                Calls.quick(this::warn));
        for (String method : List.of("NewContainer", "ReleaseContainer")) {
            service.addMethod(
                    Methods.unary(NAME, method, Unsupported.getDefaultInstance(), Unsupported.getDefaultInstance()),
                    Calls.quick(_ -> {
                        throw new NotImplemented("containers in a build's result are not supported");
                    }));
        }
    }

    /** The build that the current call is about. */
    static Build build(Builds builds) throws InterruptedException {
        return builds.awaitOwn(Calls.client(), Ids.check("build", Calls.header(BUILD_HEADER)), BUILD_PATIENCE);
    }

    private Build build() throws InterruptedException {
        return build(builds);
    }

    private PongResponse ping() throws InterruptedException {
        var _ = build();
        PongResponse.Builder pong = PongResponse.newBuilder().addWorkers(Wire.worker(builder.worker()));
        for (String capability : CAPABILITIES) {
            pong.addFrontendAPICaps(APICap.newBuilder().setID(capability).setEnabled(true));
        }
        // None of the build graph's; without any entry clients would take an old daemon's for granted.
        pong.addLLBCaps(APICap.newBuilder().setID("source.image").setEnabled(false));
        pong.addLLBCaps(APICap.newBuilder().setID("exporter.image.attestations").setEnabled(true));
        return pong.build();
    }

    private SolveResponse solve(SolveRequest request) throws Exception {
        Build build = build();
        Wire.checkFrontend(
                request.getFrontend(), request.getDefinition().getDefCount() > 0, request.getFrontendInputsCount() > 0);
        Wire.checkPolicies(request.getSourcePoliciesList());
        if (request.getFrontend().isEmpty()) {
            return SolveResponse.newBuilder()
                    .setResult(Result.newBuilder().setRef(Ref.getDefaultInstance()))
                    .build();
        }
        List<CacheOption> imports = request.getCacheImportsCount() == 0
                ? Wire.cache(build.request().getCache().getImportsList())
                : request.getCacheImportsList().stream()
                        .map(entry -> new CacheOption(entry.getType(), entry.getAttrsMap()))
                        .toList();
        BuildRequest part = new BuildRequest(
                build.ref(),
                request.getFrontendOptMap(),
                imports,
                Wire.cache(build.request().getCache().getExportsList()),
                new HashSet<>(build.request().getEntitlementsList()));
        BuildResult result = solver.part(build, part);
        return response(request, build.name(result), result.metadata());
    }

    private static SolveResponse response(
            SolveRequest request, Map<String, String> names, Map<String, byte[]> metadata) {
        SolveResponse.Builder response = SolveResponse.newBuilder();
        String single = names.getOrDefault(BuildResult.SINGLE, "");
        if (!request.getAllowResultReturn()) {
            return response.setRef(single).build();
        }
        Result.Builder result = Result.newBuilder();
        if (names.isEmpty() || !single.isEmpty()) {
            if (request.getAllowResultArrayRef()) {
                result.setRef(Ref.newBuilder().setId(single));
            } else {
                result.setRefDeprecated(single);
            }
        } else if (request.getAllowResultArrayRef()) {
            RefMap.Builder refs = RefMap.newBuilder();
            names.forEach((platform, name) ->
                    refs.putRefs(platform, Ref.newBuilder().setId(name).build()));
            result.setRefs(refs);
        } else {
            result.getRefsDeprecatedBuilder().putAllRefs(names);
        }
        metadata.forEach((key, value) -> result.putMetadata(key, ByteString.copyFrom(value)));
        return response.setResult(result).build();
    }

    private ReturnResponse returned(ReturnRequest request) throws InterruptedException {
        Build build = build();
        if (request.hasError()) {
            build.fail(request.getError());
        } else {
            build.complete(names(request.getResult()));
        }
        return ReturnResponse.getDefaultInstance();
    }

    private static Set<String> names(Result result) {
        Set<String> names = new HashSet<>();
        switch (result.getResultCase()) {
            case REFDEPRECATED -> names.add(result.getRefDeprecated());
            case REFSDEPRECATED ->
                names.addAll(result.getRefsDeprecated().getRefsMap().values());
            case REF -> names.add(result.getRef().getId());
            case REFS -> result.getRefs().getRefsMap().values().forEach(ref -> names.add(ref.getId()));
            case RESULT_NOT_SET -> {
                // Nothing was built.
            }
        }
        names.remove("");
        return names;
    }

    private ResolveImageConfigResponse resolve(ResolveImageConfigRequest request) throws Exception {
        Build build = build();
        Wire.checkPolicies(request.getSourcePoliciesList());
        if (request.getResolverType() != 0) {
            throw new NotImplemented("configurations of OCI layouts of clients are not resolved");
        }
        ResolvedImageConfig resolved = builder.resolveImageConfig(
                build.client(),
                new ImageConfigRequest(
                        request.getRef(),
                        Wire.platform(request.getPlatform()),
                        request.getResolveMode().equals("pull")),
                solver.session(build, request.getSessionID()));
        return ResolveImageConfigResponse.newBuilder()
                .setDigest(resolved.digest().toString())
                .setConfig(ByteString.copyFromUtf8(resolved.config()))
                .setRef(resolved.reference())
                .build();
    }

    private WarnResponse warn(WarnRequest request) throws InterruptedException {
        build().log()
                .warn(VertexWarning.newBuilder()
                        .setVertex(request.getDigest())
                        .setLevel(request.getLevel())
                        .setShort(request.getShort())
                        .addAllDetail(request.getDetailList())
                        .setUrl(request.getUrl())
                        .setInfo(request.getInfo())
                        .addAllRanges(request.getRangesList())
                        .build());
        return WarnResponse.getDefaultInstance();
    }
}
