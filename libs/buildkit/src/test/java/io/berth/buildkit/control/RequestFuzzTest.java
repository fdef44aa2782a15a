package io.berth.buildkit.control;

import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.buildkit.wire.ControlProto.CacheOptions;
import io.berth.buildkit.wire.ControlProto.CacheOptionsEntry;
import io.berth.buildkit.wire.ControlProto.Exporter;
import io.berth.buildkit.wire.ControlProto.SolveRequest;
import io.berth.buildkit.wire.OpsProto;
import io.berth.docker.error.ApiException;
import io.berth.fuzz.Fuzzer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages of BuildKit's clients. */
class RequestFuzzTest {
    @Test
    void builds() {
        CacheOptionsEntry cache = CacheOptionsEntry.newBuilder()
                .setType("registry")
                .putAttrs("ref", "a/b:c")
                .build();
        Fuzzer.of("solve request")
                .example(SolveRequest.newBuilder()
                        .setRef("ref")
                        .setSession("session")
                        .setFrontend(Wire.FRONTEND)
                        .putFrontendAttrs("build-arg:A", "b")
                        .addEntitlements("network.host")
                        .setCache(CacheOptions.newBuilder().addImports(cache).addExports(cache))
                        .addExporters(Exporter.newBuilder().setType("image").putAttrs("name", "a:b"))
                        .build()
                        .toByteArray())
                .example(SolveRequest.newBuilder()
                        .setExporterDeprecated("local")
                        .putExporterAttrsDeprecated("dest", "x")
                        .build()
                        .toByteArray())
                .words("image", "oci", "docker", "tar", "local", "cacheonly", Wire.FRONTEND)
                .refusesBy(ApiException.class)
                .refusesBy(InvalidProtocolBufferException.class)
                .run(input -> {
                    SolveRequest request = SolveRequest.parseFrom(input);
                    Wire.checkFrontend(
                            request.getFrontend(),
                            request.getDefinition().getDefCount() > 0,
                            request.getFrontendInputsCount() > 0);
                    Wire.checkPolicies(List.of(request.getSourcePolicy()));
                    Wire.exports(request);
                    Wire.request(request);
                });
    }

    @Test
    void platforms() {
        Fuzzer.of("platform message")
                .example(OpsProto.Platform.newBuilder()
                        .setOS("linux")
                        .setArchitecture("arm")
                        .setVariant("v7")
                        .build()
                        .toByteArray())
                .refusesBy(ApiException.class)
                .refusesBy(InvalidProtocolBufferException.class)
                .run(input -> Wire.platform(OpsProto.Platform.parseFrom(input)));
    }
}
