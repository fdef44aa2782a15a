package io.berth.engine.volume;

import io.berth.docker.error.SystemFailure;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.FileSystemContext;
import io.berth.linux.mount.MountAttribute;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Mounts what the options of a volume name, attached nowhere yet (moby: volume/local/local_unix.go). */
final class LocalMount {
    private static final Map<String, MountAttribute> ATTRIBUTES = Map.of(
            "ro", MountAttribute.READ_ONLY,
            "nosuid", MountAttribute.NO_SUID,
            "nodev", MountAttribute.NO_DEVICES,
            "noexec", MountAttribute.NO_EXEC,
            "noatime", MountAttribute.NO_ACCESS_TIME,
            "nodiratime", MountAttribute.NO_DIRECTORY_ACCESS_TIME,
            "strictatime", MountAttribute.STRICT_ACCESS_TIME);

    /** What is so anyway, or has a meaning to mount(8) only. */
    private static final Set<String> NO_EFFECT = Set.of(
            "defaults",
            "rw",
            "suid",
            "dev",
            "exec",
            "atime",
            "diratime",
            "relatime",
            "async",
            "bind",
            "rbind",
            "private",
            "rprivate");

    private static final Set<String> NETWORK_TYPES = Set.of("nfs", "cifs");

    private LocalMount() {}

    /**
     * Makes the mount.
     *
     * @throws SyscallException when the kernel refuses
     * @throws SystemFailure when a server's name cannot be resolved
     */
    static DetachedMount of(LocalOptions options) {
        Set<MountAttribute> attributes = EnumSet.noneOf(MountAttribute.class);
        List<String> parameters = new ArrayList<>();
        for (String option : withAddress(options)) {
            @Nullable MountAttribute attribute = ATTRIBUTES.get(option);
            if (attribute != null) {
                attributes.add(attribute);
            } else if (!NO_EFFECT.contains(option)) {
                parameters.add(option);
            }
        }
        List<String> all = options.mountOptions();
        if (all.contains("bind") || all.contains("rbind")) {
            return bind(Path.of(options.device()), all.contains("rbind"), attributes);
        }
        try (FileSystemContext context = FileSystemContext.open(options.type())) {
            context.set("source", device(options));
            for (String parameter : parameters) {
                int equals = parameter.indexOf('=');
                if (equals < 0) {
                    context.set(parameter);
                } else {
                    context.set(parameter.substring(0, equals), parameter.substring(equals + 1));
                }
            }
            return context.create().mount(attributes);
        }
    }

    private static DetachedMount bind(Path device, boolean recursive, Set<MountAttribute> attributes) {
        DetachedMount mount = DetachedMount.cloneOf(device, recursive);
        try {
            if (!attributes.isEmpty()) {
                mount.setAttributes(attributes, Set.of(), false);
            }
            return mount;
        } catch (SyscallException e) {
            mount.close();
            throw e;
        }
    }

    /** The kernel resolves no names: it is given the server's address. */
    private static List<String> withAddress(LocalOptions options) {
        if (!NETWORK_TYPES.contains(options.type())) {
            return options.mountOptions();
        }
        return options.mountOptions().stream()
                .map(option -> option.startsWith("addr=") ? "addr=" + resolve(option.substring(5)) : option)
                .toList();
    }

    private static String device(LocalOptions options) {
        boolean named = options.mountOptions().stream().noneMatch(option -> option.startsWith("addr="));
        if (!options.type().equals("cifs") || !named) {
            return options.device();
        }
        @Nullable String host = URI.create(options.device()).getHost();
        if (host == null) {
            return options.device();
        }
        int at = options.device().indexOf(host);
        return options.device().substring(0, at)
                + resolve(host)
                + options.device().substring(at + host.length());
    }

    private static String resolve(String host) {
        try {
            return InetAddress.getByName(host).getHostAddress();
        } catch (UnknownHostException e) {
            throw new SystemFailure(
                    "error resolving passed in network volume address: lookup " + host + ": no such host", e);
        }
    }

    /** What the user is told; never with a password. */
    static SystemFailure failure(Path path, LocalOptions options, SyscallException cause) {
        String data = String.join(
                ",",
                options.mountOptions().stream()
                        .map(option -> option.startsWith("password=") ? "password=********" : option)
                        .toList());
        String text = "error while mounting volume '" + path + "': failed to mount local volume: mount "
                + options.device() + ":" + path + (data.isEmpty() ? "" : ", data: " + data) + ": "
                + Errno.text(cause.errno()).toLowerCase(Locale.ROOT);
        boolean secret = options.mountOptions().stream().anyMatch(option -> option.startsWith("password="));
        // The cause's message has the option that the kernel refused.
        return new SystemFailure(text, secret ? null : cause);
    }
}
