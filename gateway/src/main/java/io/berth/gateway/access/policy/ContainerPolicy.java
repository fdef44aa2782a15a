package io.berth.gateway.access.policy;

import io.berth.docker.error.InvalidParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a developer may ask of a container ({@code POST /containers/create} and {@code /update}). What is not known to be
 * harmless is refused, so that a field that Docker's API gets later is closed until somebody has thought of it.
 *
 * <p>Checks bring the tree into canonical form, set the project's label, and collect what else must be the caller's.
 */
public final class ContainerPolicy {
    private static final Set<String> HARMLESS = Set.of(
            "Hostname",
            "Domainname",
            "User",
            "AttachStdin",
            "AttachStdout",
            "AttachStderr",
            "ExposedPorts",
            "Tty",
            "OpenStdin",
            "StdinOnce",
            "Env",
            "Cmd",
            "Healthcheck",
            "ArgsEscaped",
            "Volumes",
            "WorkingDir",
            "Entrypoint",
            "NetworkDisabled",
            "MacAddress",
            "OnBuild",
            "StopSignal",
            "StopTimeout",
            "Shell");
    private static final Set<String> CREATE = with(HARMLESS, "Image", "Labels", "HostConfig", "NetworkingConfig");
    private static final Set<String> RESOURCES = Set.of(
            "Memory",
            "MemoryReservation",
            "MemorySwap",
            "MemorySwappiness",
            "NanoCpus",
            "CpuShares",
            "CpuPeriod",
            "CpuQuota",
            "CpusetCpus",
            "CpusetMems",
            "PidsLimit",
            "BlkioWeight",
            "RestartPolicy",
            "CpuCount",
            "CpuPercent");
    private static final Set<String> HARMLESS_HOST = with(
            RESOURCES,
            "AutoRemove",
            "ContainerIDFile",
            "Dns",
            "DnsOptions",
            "DnsSearch",
            "ExtraHosts",
            "GroupAdd",
            "CapDrop",
            "ShmSize",
            "Init",
            "ReadonlyRootfs",
            "Ulimits",
            "Tmpfs",
            "ConsoleSize",
            "PublishAllPorts",
            "StorageOpt");
    private static final Set<String> CHECKED_HOST = Set.of(
            "Binds",
            "Mounts",
            "VolumesFrom",
            "VolumeDriver",
            "NetworkMode",
            "PortBindings",
            "Links",
            "LogConfig",
            "Annotations",
            "CapAdd",
            "CgroupnsMode",
            "IpcMode",
            "PidMode",
            "UTSMode",
            "UsernsMode",
            "Cgroup",
            "OomScoreAdj",
            "SecurityOpt",
            "Sysctls",
            "Runtime",
            "Isolation",
            "Devices",
            "MaskedPaths",
            "ReadonlyPaths");
    private static final Set<String> HOST = union(HARMLESS_HOST, CHECKED_HOST);
    private static final Set<String> NEVER = Set.of(
            "Privileged",
            "DeviceRequests",
            "DeviceCgroupRules",
            "CgroupParent",
            "OomKillDisable",
            "CpuRealtimePeriod",
            "CpuRealtimeRuntime",
            "BlkioWeightDevice",
            "BlkioDeviceReadBps",
            "BlkioDeviceWriteBps",
            "BlkioDeviceReadIOps",
            "BlkioDeviceWriteIOps",
            "KernelMemory",
            "KernelMemoryTCP",
            "IOMaximumIOps",
            "IOMaximumBandwidth");
    private static final Set<String> MOUNT = Set.of(
            "Type",
            "Source",
            "Target",
            "ReadOnly",
            "Consistency",
            "BindOptions",
            "VolumeOptions",
            "ImageOptions",
            "TmpfsOptions");
    private static final Set<String> VOLUME_OPTIONS = Set.of("NoCopy", "Labels", "DriverConfig", "Subpath");
    private static final Set<String> BIND_OPTIONS =
            Set.of("Propagation", "NonRecursive", "CreateMountpoint", "ReadOnlyNonRecursive", "ReadOnlyForceRecursive");
    private static final Set<String> LOG_DRIVERS = Set.of("", "json-file", "local", "none");
    private static final Set<String> SECURITY =
            Set.of("no-new-privileges", "no-new-privileges:true", "no-new-privileges=true");
    private static final Set<String> OWN_NETWORKS = Set.of("", "default", "bridge", "none");
    private static final Pattern SECRET = Pattern.compile("io\\.berth\\.(secret|config)\\.(.+)");

    private final String project;
    private final Policy policy;
    private final List<Reference> references = new ArrayList<>();

    /** @param project that the container will belong to */
    public ContainerPolicy(String project, Policy policy) {
        this.project = project;
        this.policy = policy;
    }

    private static Set<String> with(Set<String> names, String... more) {
        return union(names, Set.of(more));
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        List<String> all = new ArrayList<>(one);
        all.addAll(other);
        return Set.copyOf(all);
    }

    /**
     * Checks a create request, which belongs to the project afterwards.
     *
     * @return what it names
     * @throws Refused naming the first field that is not the developer's to set
     * @throws InvalidParameter when it can be read in two ways
     */
    public List<Reference> create(ObjectNode body) {
        StrictJson.canonicalise(body, CREATE);
        Fields.refuseOthers(body, "", CREATE);
        Labels.own(body, "Labels", project);
        String image = Fields.text(body, "Image");
        if (!image.isEmpty()) {
            references.add(new Reference(Reference.Kind.IMAGE, "Image", image, _ -> {}));
        }
        ObjectNode host = Fields.part(body, "HostConfig", union(HOST, NEVER));
        if (host != null) {
            host(host);
        }
        ObjectNode networking = Fields.part(body, "NetworkingConfig", Set.of("EndpointsConfig"));
        if (networking != null) {
            Fields.refuseOthers(networking, "NetworkingConfig.", Set.of("EndpointsConfig"));
            Fields.each(networking, "EndpointsConfig", (name, endpoint) -> {
                network("NetworkingConfig.EndpointsConfig", name);
                NetworkPolicy.endpoint("NetworkingConfig.EndpointsConfig", endpoint, references);
            });
        }
        return List.copyOf(references);
    }

    /** Checks an update request: limits only. */
    public void update(ObjectNode body) {
        StrictJson.canonicalise(body, union(HOST, NEVER));
        Fields.refuseOthers(body, "", RESOURCES);
    }

    private void host(ObjectNode host) {
        Fields.refuseOthers(host, "HostConfig.", HOST);
        namespaces(host);
        privileges(host);
        for (String bind : Fields.texts(host, "Binds")) {
            bind(bind);
        }
        for (ObjectNode mount : Fields.objects(host, "Mounts", MOUNT)) {
            mount(mount);
        }
        for (String from : Fields.texts(host, "VolumesFrom")) {
            int mode = from.indexOf(':');
            references.add(new Reference(
                    Reference.Kind.CONTAINER,
                    "HostConfig.VolumesFrom",
                    mode < 0 ? from : from.substring(0, mode),
                    _ -> {}));
        }
        for (String link : Fields.texts(host, "Links")) {
            int alias = link.indexOf(':');
            references.add(new Reference(
                    Reference.Kind.CONTAINER,
                    "HostConfig.Links",
                    alias < 0 ? link : link.substring(0, alias),
                    _ -> {}));
        }
        allow(host, "VolumeDriver", Set.of("", "local"));
        Fields.each(host, "PortBindings", (_, bindings) -> ports(bindings));
        ObjectNode log = Fields.part(host, "LogConfig", Set.of("Type", "Config"));
        if (log != null && !LOG_DRIVERS.contains(Fields.text(log, "Type"))) {
            throw new Refused("HostConfig.LogConfig.Type", "the driver is not allowed");
        }
        Fields.each(host, "Annotations", this::annotation);
    }

    private void namespaces(ObjectNode host) {
        String network = Fields.text(host, "NetworkMode");
        if (network.equals("host")) {
            if (!policy.allowsHostNetwork()) {
                throw new Refused("HostConfig.NetworkMode", "the host's network is not allowed");
            }
        } else if (!joins(host, "NetworkMode", network)) {
            network("HostConfig.NetworkMode", network);
        }
        for (String field : List.of("PidMode", "IpcMode")) {
            String mode = Fields.text(host, field);
            if (!joins(host, field, mode)) {
                allow(
                        host,
                        field,
                        field.equals("IpcMode") ? Set.of("", "none", "private", "shareable") : Set.of("", "private"));
            }
        }
        allow(host, "UTSMode", Set.of("", "private"));
        allow(host, "UsernsMode", Set.of("", "private", "auto"));
        allow(host, "CgroupnsMode", Set.of("", "private"));
        allow(host, "Cgroup", Set.of(""));
        allow(host, "Isolation", Set.of("", "default"));
        allow(host, "Runtime", Set.of(""));
    }

    /** {@code container:<name>}: the other one must be the caller's. */
    private boolean joins(ObjectNode host, String field, String mode) {
        if (!mode.startsWith("container:")) {
            return false;
        }
        references.add(new Reference(
                Reference.Kind.CONTAINER,
                "HostConfig." + field,
                mode.substring("container:".length()),
                id -> host.put(field, "container:" + id)));
        return true;
    }

    private static void allow(ObjectNode host, String field, Set<String> values) {
        String value = Fields.text(host, field);
        if (!values.contains(value)) {
            throw new Refused("HostConfig." + field, "\"" + value + "\" is not allowed");
        }
    }

    private void privileges(ObjectNode host) {
        for (String capability : Fields.texts(host, "CapAdd")) {
            if (!policy.allowsCapability(capability)) {
                throw new Refused("HostConfig.CapAdd", "the capability " + capability + " is not allowed");
            }
        }
        for (String option : Fields.texts(host, "SecurityOpt")) {
            if (!SECURITY.contains(option)) {
                throw new Refused("HostConfig.SecurityOpt", "\"" + option + "\" is not allowed");
            }
        }
        Fields.each(host, "Sysctls", (name, _) -> {
            if (!policy.allowsSysctl(name)) {
                throw new Refused("HostConfig.Sysctls", name + " is not allowed");
            }
        });
        for (ObjectNode device :
                Fields.objects(host, "Devices", Set.of("PathOnHost", "PathInContainer", "CgroupPermissions"))) {
            String path = Fields.text(device, "PathOnHost");
            if (!policy.allowsDevice(path)) {
                throw new Refused("HostConfig.Devices", "the device " + path + " is not allowed");
            }
        }
        // An empty list is not the default here: it takes the protection of these paths away.
        for (String field : List.of("MaskedPaths", "ReadonlyPaths")) {
            JsonNode paths = host.get(field);
            if (paths != null && !paths.isNull()) {
                throw new Refused("HostConfig." + field, "not allowed to developers");
            }
        }
        JsonNode score = host.get("OomScoreAdj");
        if (!StrictJson.isDefault(score) && (score == null || !score.isIntegralNumber() || score.asLong() < 0)) {
            throw new Refused("HostConfig.OomScoreAdj", "it must not be negative");
        }
    }

    private void bind(String bind) {
        int colon = bind.indexOf(':');
        String source = colon < 0 ? "" : bind.substring(0, colon);
        if (colon < 0) {
            return; // an anonymous volume
        }
        if (isPath(source)) {
            hostPath("HostConfig.Binds", source);
            if (bind.contains("shared") || bind.contains("slave")) {
                throw new Refused("HostConfig.Binds", "mount propagation is not allowed");
            }
        } else {
            references.add(new Reference(Reference.Kind.VOLUME, "HostConfig.Binds", source, _ -> {}));
        }
    }

    /** As the engine tells them apart: a volume's name has neither a slash nor a dot or tilde at its begin. */
    private static boolean isPath(String source) {
        return source.contains("/") || source.startsWith(".") || source.startsWith("~") || source.isEmpty();
    }

    private void hostPath(String field, String path) {
        if (!policy.allowsHostPath(path)) {
            throw new Refused(field, "the host path \"" + path + "\" is not allowed");
        }
    }

    private void mount(ObjectNode mount) {
        Fields.refuseOthers(mount, "HostConfig.Mounts.", MOUNT);
        String source = Fields.text(mount, "Source");
        switch (Fields.text(mount, "Type")) {
            case "tmpfs" -> {}
            case "image" -> references.add(new Reference(Reference.Kind.IMAGE, "HostConfig.Mounts", source, _ -> {}));
            case "bind" -> {
                hostPath("HostConfig.Mounts", source);
                ObjectNode options = Fields.part(mount, "BindOptions", BIND_OPTIONS);
                if (options != null) {
                    Fields.refuseOthers(
                            options,
                            "HostConfig.Mounts.BindOptions.",
                            Set.of("NonRecursive", "ReadOnlyNonRecursive", "ReadOnlyForceRecursive"));
                }
            }
            case "volume" -> {
                ObjectNode options = Fields.part(mount, "VolumeOptions", VOLUME_OPTIONS);
                if (options != null) {
                    Fields.refuseOthers(options, "HostConfig.Mounts.VolumeOptions.", VOLUME_OPTIONS);
                    volumeOptions(options);
                }
                if (!source.isEmpty()) {
                    references.add(new Reference(Reference.Kind.VOLUME, "HostConfig.Mounts", source, _ -> {}));
                }
            }
            default -> throw new Refused("HostConfig.Mounts.Type", "not allowed to developers");
        }
    }

    private void volumeOptions(ObjectNode options) {
        Labels.own(options, "Labels", project);
        ObjectNode driver = Fields.part(options, "DriverConfig", Set.of("Name", "Options"));
        if (driver != null) {
            VolumePolicy.driver(
                    "HostConfig.Mounts.VolumeOptions.DriverConfig",
                    Fields.text(driver, "Name"),
                    Fields.map(driver, "Options"));
        }
    }

    private void ports(JsonNode bindings) {
        List<JsonNode> each = bindings.isArray() ? List.copyOf(bindings.values()) : List.of(bindings);
        for (JsonNode binding : each) {
            if (binding.isNull()) {
                continue;
            }
            if (!(binding instanceof ObjectNode object)) {
                throw new InvalidParameter("invalid JSON: PortBindings has something that is not an object");
            }
            StrictJson.canonicalise(object, Set.of("HostIp", "HostPort"));
            String ports = Fields.text(object, "HostPort");
            for (String end : ports.split("-", -1)) {
                port(end, ports.equals(end));
            }
        }
    }

    /** @param single whether it is no end of a range: 0 alone is any free port, and a range from 0 has the lowest ones in it */
    private void port(String text, boolean single) {
        if (single && text.isEmpty()) {
            return;
        }
        Matcher digits = Pattern.compile("[0-9]{1,5}").matcher(text);
        if (!digits.matches()) {
            throw new InvalidParameter("invalid port: " + text);
        }
        int port = Integer.parseInt(text);
        if (!(single && port == 0) && !policy.allowsPort(port)) {
            throw new Refused("HostConfig.PortBindings", "the host's port " + port + " is not allowed");
        }
    }

    private void annotation(String key, JsonNode value) {
        Matcher secret = SECRET.matcher(key);
        if (secret.matches()) {
            references.add(new Reference(
                    secret.group(1).equals("secret") ? Reference.Kind.SECRET : Reference.Kind.CONFIG,
                    "HostConfig.Annotations",
                    secret.group(2),
                    _ -> {}));
        } else if (Labels.isOrder(key) && !key.equals("io.berth.on-unhealthy")) {
            throw new Refused("HostConfig.Annotations " + key, "annotations of this prefix tell the engine something");
        }
    }

    private void network(String field, String name) {
        if (!OWN_NETWORKS.contains(name)) {
            references.add(new Reference(Reference.Kind.NETWORK, field, name, _ -> {}));
        }
    }
}
