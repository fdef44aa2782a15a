package io.berth.gateway.access.decision;

import io.berth.gateway.access.Call;
import io.berth.gateway.access.Role;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.access.policy.Labels;
import io.berth.gateway.access.policy.StrictJson;
import io.berth.gateway.route.RequestTarget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** {@code /build}, {@code /grpc} and {@code /session}. */
@Component
final class BuildRules implements Rules {
    private static final Set<String> HARMLESS = Set.of(
            "t",
            "dockerfile",
            "extrahosts",
            "remote",
            "q",
            "nocache",
            "cachefrom",
            "pull",
            "rm",
            "forcerm",
            "memory",
            "memswap",
            "cpushares",
            "cpusetcpus",
            "cpusetmems",
            "cpuperiod",
            "cpuquota",
            "buildargs",
            "shmsize",
            "squash",
            "labels",
            "networkmode",
            "target",
            "platform",
            "version",
            "ulimits",
            "cgroupparent");
    private static final Set<String> NETWORKS = Set.of("", "default", "bridge", "none");
    private static final Set<String> CLASSIC = Set.of("", "1");

    private final Owners owners;

    BuildRules(Owners owners) {
        this.owners = owners;
    }

    @Override
    public Ruling judge(Call call, Passes passes) {
        RequestTarget target = call.target();
        if (passes.who().role() != Role.DEVELOPER) {
            return passes.refused();
        }
        if (!call.method().equals("POST") || target.segments().size() != 1) {
            return passes.unknown();
        }
        if (!target.first().equals("build")) {
            return buildkit(target, passes);
        }
        if (!Targets.hasOnly(target, HARMLESS)) {
            return new Ruling.Refuse(403, "the build has a parameter that is not allowed to developers");
        }
        for (String tag : Targets.parameters(target, "t")) {
            if (!owners.ownsName(passes.who(), tag)) {
                return new Ruling.Refuse(403, ImageRules.notOwn(passes, tag));
            }
        }
        if (!NETWORKS.contains(Targets.parameter(target, "networkmode"))
                || !Targets.parameter(target, "cgroupparent").isEmpty()
                || !CLASSIC.contains(Targets.parameter(target, "version"))) {
            return new Ruling.Refuse(
                    403, "networkmode, cgroupparent and version: only an operator may set them to this");
        }
        ObjectNode labels = StrictJson.object(
                ByteBuffer.wrap(Targets.parameter(target, "labels").getBytes(StandardCharsets.UTF_8)));
        ObjectNode request = labels.objectNode();
        request.set("labels", labels);
        Labels.own(request, "labels", ContainerRules.project(passes.who()));
        RequestTarget labelled = Targets.withParameter(target, "labels", labels.toString());
        return hidden(labelled, passes);
    }

    /** What it is told is inside of the connection: the image service decides, by who it hears from the gateway that the caller is. */
    private Ruling buildkit(RequestTarget target, Passes passes) {
        return Targets.hasOnly(target, Set.of()) ? hidden(target, passes) : Passes.parametersRefused();
    }

    /** What the image service must not show to the caller. */
    private Ruling hidden(RequestTarget target, Passes passes) {
        return passes.as(owners.hiding(target, passes.who()));
    }
}
