package io.berth.engine.container;

import io.berth.docker.DockerJson;
import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.caller.Callers;
import io.berth.engine.runtime.Isolation;
import io.berth.engine.runtime.Isolation.NamespaceChoice;
import io.berth.linux.Sysctl;
import io.berth.linux.process.ProcessIdentity;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Which namespaces containers share, with the host or with each other. */
@Component
final class NamespaceModes {
    private static final String HOST = "host";
    private static final String CONTAINER = "container:";
    private static final String IPC_REFUSED = "failed to join IPC namespace: ";
    /** What a container whose IPC others may join has. */
    private static final Set<String> SHAREABLE = Set.of("shareable", HOST);

    private final Containers containers;

    NamespaceModes(Containers containers) {
        this.containers = containers;
    }

    /**
     * Refuses modes that do not exist, and settings that contradict them, in moby's words (moby: daemon/daemon_unix.go,
     * runconfig/hostconfig_unix.go).
     */
    static void check(ContainerConfig config, HostConfig host) {
        refuse(!isMode(host.pidMode(), Set.of("", "private", HOST)), "invalid PID mode: " + host.pidMode());
        refuse(
                !isMode(host.ipcMode(), Set.of("private", "shareable", "none", HOST)),
                "invalid IPC mode: " + host.ipcMode());
        refuse(!Set.of("", HOST).contains(host.utsMode()), "invalid UTS mode: " + host.utsMode());
        refuse(
                !Set.of("private", HOST).contains(host.cgroupnsMode()),
                "invalid cgroup namespace mode: " + host.cgroupnsMode());
        refuse(
                host.utsMode().equals(HOST) && !config.hostname().isEmpty(),
                "conflicting options: hostname and the UTS mode");
        String network = host.networkMode();
        if (isContainer(network)) {
            refuse(network.length() == CONTAINER.length(), "invalid container format container:<name|id>");
            checkSharedNetwork(config, host);
        }
        refuse(
                network.equals(HOST) && host.links() != null && !host.links().isEmpty(),
                "conflicting options: host type networking can't be used with links. This would result in undefined"
                        + " behavior");
    }

    /** Whether a mode is that of another container, whose namespace is shared. */
    static boolean isContainer(String mode) {
        return mode.startsWith(CONTAINER);
    }

    private static boolean isMode(String mode, Set<String> modes) {
        return modes.contains(mode) || (isContainer(mode) && mode.length() > CONTAINER.length());
    }

    private static void checkSharedNetwork(ContainerConfig config, HostConfig host) {
        refuse(!config.hostname().isEmpty(), "conflicting options: hostname and the network mode");
        refuse(
                host.links() != null && !host.links().isEmpty(),
                "conflicting options: container type network can't be used with links. This would result in undefined"
                        + " behavior");
        refuse(host.dns() != null && !host.dns().isEmpty(), "conflicting options: dns and the network mode");
        refuse(
                host.extraHosts() != null && !host.extraHosts().isEmpty(),
                "conflicting options: custom host-to-IP mapping and the network mode");
        boolean published = host.publishAllPorts()
                || (host.portBindings() != null && !host.portBindings().isEmpty());
        refuse(published, "conflicting options: port publishing and the container type network mode");
        refuse(
                config.exposedPorts() != null && !config.exposedPorts().isEmpty(),
                "conflicting options: port exposing and the container type network mode");
    }

    private static void refuse(boolean wrong, String message) {
        if (wrong) {
            throw new InvalidParameter(message);
        }
    }

    /** What a container with user ids of its own cannot share with the host, whose namespaces are not its own users'. */
    static void checkUsers(HostConfig host) {
        refuse(
                host.networkMode().equals(HOST),
                "cannot share the host's network namespace when user namespaces are enabled");
        refuse(host.pidMode().equals(HOST), "cannot share the host PID namespace when user namespaces are enabled");
    }

    /**
     * Looks for the containers whose process ids and IPC are to be shared; they need not run yet. That of a shared network is
     * looked for when the container is started, as in moby.
     *
     * @throws InvalidParameter when one does not exist: not a 404, which clients take for a missing image
     */
    void checkOthers(HostConfig host) {
        for (String mode : List.of(host.pidMode(), host.ipcMode())) {
            if (isContainer(mode)) {
                try {
                    Container _ = other(mode);
                } catch (NoSuchContainer e) {
                    throw new InvalidParameter(e.text(), e);
                }
            }
        }
    }

    /** The same settings, with ids where other containers were named: names can be given away. */
    HostConfig settled(HostConfig host) {
        if (Stream.of(host.pidMode(), host.ipcMode(), host.networkMode()).noneMatch(NamespaceModes::isContainer)) {
            return host;
        }
        ObjectNode tree = DockerJson.MAPPER.valueToTree(host);
        tree.put("PidMode", settled(host.pidMode()));
        tree.put("IpcMode", settled(host.ipcMode()));
        tree.put("NetworkMode", settled(host.networkMode()));
        return DockerJson.MAPPER.treeToValue(tree, HostConfig.class);
    }

    /** A mode of an operator's that names no container there is stays as it is. */
    private String settled(String mode) {
        if (!isContainer(mode)) {
            return mode;
        }
        try {
            return CONTAINER
                    + containers.find(mode.substring(CONTAINER.length())).id().value();
        } catch (NoSuchContainer e) {
            if (Callers.current().restricted()) {
                // Somebody else's could have the name when it starts.
                throw new InvalidParameter(e.text(), e);
            }
            return mode;
        }
    }

    /**
     * What a container shares, as it is now.
     *
     * @throws Conflict when another container does not run
     * @throws NoSuchContainer when it does not exist
     * @throws InvalidParameter when its IPC is not shareable
     * @throws io.berth.engine.runtime.LaunchFailure when a sysctl belongs to a shared namespace
     */
    Isolation isolation(HostConfig host) {
        SysctlChoice.refuseShared(host);
        return new Isolation(
                choice(host.pidMode(), "failed to join PID namespace: "),
                ipc(host.ipcMode()),
                choice(host.utsMode(), ""),
                choice(host.networkMode(), "cannot join network of a non running container: "),
                choice(host.cgroupnsMode(), ""),
                null,
                SysctlChoice.of(host));
    }

    private NamespaceChoice ipc(String mode) {
        if (isContainer(mode)) {
            ContainerSpec donor = other(mode).snapshot().spec();
            String others = donor.hostConfig().ipcMode();
            ProcessIdentity process = running(mode, IPC_REFUSED);
            if (!SHAREABLE.contains(others) && !isContainer(others)) {
                throw new InvalidParameter(IPC_REFUSED + "container " + donor.id()
                        + ": non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
            }
            return new NamespaceChoice.Of(process);
        }
        return choice(mode, IPC_REFUSED);
    }

    /**
     * @param refused begins the message when the other container does not run
     */
    private NamespaceChoice choice(String mode, String refused) {
        if (mode.equals(HOST)) {
            return new NamespaceChoice.Host();
        }
        return isContainer(mode) ? new NamespaceChoice.Of(running(mode, refused)) : new NamespaceChoice.Private();
    }

    private Container other(String mode) {
        return containers.given(mode.substring(CONTAINER.length()));
    }

    private ProcessIdentity running(String mode, String refused) {
        ContainerSnapshot other = other(mode).snapshot();
        ProcessIdentity process = other.state().process();
        if (process == null) {
            throw new Conflict(refused + "container " + other.spec().id() + " is not running");
        }
        return process;
    }

    /** The container whose hosts, resolv.conf and hostname files a container has: its own, or that of its network. */
    ContainerSpec networkOwner(ContainerSpec spec) {
        ContainerSpec owner = spec;
        // Each step goes to a container that existed before; the bound is for names that were given away meanwhile.
        for (int i = 0; i < 16 && isContainer(owner.hostConfig().networkMode()); i++) {
            owner = other(owner.hostConfig().networkMode()).snapshot().spec();
        }
        return owner;
    }

    /** The host name that a container has when none was asked for. */
    String defaultHostname(HostConfig host, String shortId) {
        if (!isContainer(host.networkMode())) {
            return host.networkMode().equals(HOST) ? Sysctl.text("kernel/hostname") : shortId;
        }
        try {
            return other(host.networkMode()).snapshot().spec().config().hostname();
        } catch (NoSuchContainer e) {
            return shortId;
        }
    }
}
