package io.berth.engine.mount;

import io.berth.docker.container.Mount;
import io.berth.docker.container.Mount.BindOptions;
import io.berth.docker.container.Mount.DriverConfig;
import io.berth.docker.container.Mount.VolumeOptions;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.mount.ContainerMount.BindChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads what requests say about mounts, by moby's rules and in its words (moby: volume/mounts/linux_parser.go). */
public final class MountParser {
    private static final String DEFAULT_PROPAGATION = "rprivate";

    private final Predicate<String> exists;

    /** Looks at the host's files. */
    public MountParser() {
        this(path -> Files.exists(Path.of(path)));
    }

    MountParser(Predicate<String> exists) {
        this.exists = exists;
    }

    /**
     * A mount of another container's.
     *
     * @param container as the user named it
     */
    public record VolumesFrom(String container, boolean writable) {}

    /**
     * Reads one of HostConfig.Binds: {@code [source:]destination[:mode]}.
     *
     * @param volumeDriver of a volume that is named, or empty
     * @throws InvalidParameter when it is none
     */
    public ContainerMount bind(String raw, String volumeDriver) {
        String[] parts = raw.split(":", 4);
        if (parts[0].isEmpty() || parts.length > 3) {
            throw invalidSpec(raw);
        }
        String source = parts.length == 1 ? "" : parts[0];
        String target = parts.length == 1 ? parts[0] : parts[1];
        MountMode mode = new MountMode(parts.length == 3 ? parts[2] : "");
        if (parts.length == 2 && new MountMode(target).isValid()) {
            // A destination with a mode: /foo:rw
            throw invalidSpec(raw);
        }
        if (!mode.isValid()) {
            throw invalidMode(mode.text());
        }
        boolean path = source.startsWith("/");
        @Nullable VolumeOptions volume = null;
        if (mode.forbidsCopy() || (!volumeDriver.isEmpty() && !path)) {
            @Nullable
            DriverConfig driver = volumeDriver.isEmpty() || path ? null : new DriverConfig(volumeDriver, null);
            volume = new VolumeOptions(mode.forbidsCopy(), null, driver, null);
        }
        @Nullable
        BindOptions bind = mode.propagation()
                .map(word -> new BindOptions(word, false, false, false, false))
                .orElse(null);
        Mount mount = new Mount(
                path ? ContainerMount.BIND : ContainerMount.VOLUME,
                source,
                target,
                !mode.isWritable(),
                "",
                bind,
                volume,
                null,
                null);
        try {
            // Docker makes sources of these that do not exist.
            return settled(mount, mode.text(), true, false);
        } catch (InvalidParameter e) {
            throw new InvalidParameter("invalid volume specification: '" + raw + "': " + e.text(), e);
        }
    }

    /**
     * Reads one of HostConfig.Mounts.
     *
     * @throws InvalidParameter when it is none, or the source of a bind does not exist
     */
    public ContainerMount mount(Mount mount) {
        boolean create = mount.bindOptions() != null && mount.bindOptions().createMountpoint();
        return settled(mount, "", create, true);
    }

    private ContainerMount settled(Mount mount, String mode, boolean createSource, boolean sourceMustExist) {
        try {
            check(mount, sourceMustExist && !createSource);
        } catch (InvalidParameter e) {
            throw new InvalidParameter("invalid mount config for type \"" + mount.type() + "\": " + e.text(), e);
        }
        String destination = CleanPath.of(mount.target());
        return switch (mount.type()) {
            case ContainerMount.BIND -> bindMount(mount, destination, mode, createSource);
            case ContainerMount.VOLUME -> volumeMount(mount, destination, mode);
            case ContainerMount.TMPFS ->
                new ContainerMount(
                        ContainerMount.TMPFS,
                        "",
                        "",
                        destination,
                        "",
                        mode,
                        !mount.readOnly(),
                        "",
                        "",
                        false,
                        false,
                        BindChoice.DEFAULT,
                        TmpfsText.of(mount.tmpfsOptions(), mount.readOnly()),
                        null);
            default ->
                new ContainerMount(
                        ContainerMount.IMAGE,
                        mount.source(),
                        mount.source(),
                        destination,
                        "",
                        mode,
                        false,
                        DEFAULT_PROPAGATION,
                        mount.imageOptions() == null
                                ? ""
                                : text(mount.imageOptions().subpath()),
                        false,
                        false,
                        BindChoice.DEFAULT,
                        "",
                        null);
        };
    }

    private static ContainerMount bindMount(Mount mount, String destination, String mode, boolean createSource) {
        @Nullable BindOptions options = mount.bindOptions();
        String propagation = options == null ? "" : text(options.propagation());
        BindChoice choice = options == null
                ? new BindChoice(false, false, false, createSource)
                : new BindChoice(
                        options.nonRecursive(),
                        options.readOnlyNonRecursive(),
                        options.readOnlyForceRecursive(),
                        createSource);
        return new ContainerMount(
                ContainerMount.BIND,
                "",
                CleanPath.of(mount.source()),
                destination,
                "",
                mode,
                !mount.readOnly(),
                propagation.isEmpty() ? DEFAULT_PROPAGATION : propagation,
                "",
                false,
                false,
                choice,
                "",
                null);
    }

    private static ContainerMount volumeMount(Mount mount, String destination, String mode) {
        Optional<VolumeOptions> options = Optional.ofNullable(mount.volumeOptions());
        return new ContainerMount(
                ContainerMount.VOLUME,
                mount.source(),
                "",
                destination,
                options.map(VolumeOptions::driverConfig).map(DriverConfig::name).orElse(""),
                mode,
                !mount.readOnly(),
                "",
                options.map(VolumeOptions::subpath).orElse(""),
                !options.map(VolumeOptions::noCopy).orElse(false),
                mount.source().isEmpty(),
                BindChoice.DEFAULT,
                "",
                null);
    }

    private void check(Mount mount, boolean sourceMustExist) {
        refuseNul(mount.source());
        refuseNul(mount.target());
        if (mount.target().isEmpty()) {
            throw missing("Target");
        }
        checkDestination(mount.target());
        switch (mount.type()) {
            case ContainerMount.BIND -> checkBind(mount, sourceMustExist);
            case ContainerMount.VOLUME -> checkVolume(mount);
            case ContainerMount.TMPFS -> {
                refuseExtra("BindOptions", mount.bindOptions());
                refuseExtra("VolumeOptions", mount.volumeOptions());
                refuseExtra("ImageOptions", mount.imageOptions());
                refuseExtra("Source", mount.source().isEmpty() ? null : mount.source());
                String _ = TmpfsText.of(mount.tmpfsOptions(), mount.readOnly());
            }
            case ContainerMount.IMAGE -> {
                refuseExtra("BindOptions", mount.bindOptions());
                refuseExtra("VolumeOptions", mount.volumeOptions());
                refuseExtra("TmpfsOptions", mount.tmpfsOptions());
                if (mount.source().isEmpty()) {
                    throw missing("Source");
                }
                checkSubpath(
                        mount.imageOptions() == null
                                ? ""
                                : text(mount.imageOptions().subpath()));
            }
            default -> throw new InvalidParameter("mount type unknown");
        }
    }

    private void checkBind(Mount mount, boolean sourceMustExist) {
        if (mount.source().isEmpty()) {
            throw missing("Source");
        }
        @Nullable BindOptions options = mount.bindOptions();
        if (options != null) {
            checkBindOptions(options, mount.readOnly());
        }
        refuseExtra("VolumeOptions", mount.volumeOptions());
        refuseExtra("ImageOptions", mount.imageOptions());
        refuseExtra("TmpfsOptions", mount.tmpfsOptions());
        checkAbsolute(mount.source());
        if (sourceMustExist && !exists.test(mount.source())) {
            throw new InvalidParameter("bind source path does not exist: " + mount.source());
        }
    }

    private static void checkBindOptions(BindOptions options, boolean readOnly) {
        String propagation = text(options.propagation());
        if (!propagation.isEmpty() && !MountMode.PROPAGATION.contains(propagation)) {
            throw new InvalidParameter("invalid propagation mode: " + propagation);
        }
        if (!readOnly && options.readOnlyNonRecursive()) {
            throw new InvalidParameter("mount options conflict: !ReadOnly && BindOptions.ReadOnlyNonRecursive");
        }
        if (!readOnly && options.readOnlyForceRecursive()) {
            throw new InvalidParameter("mount options conflict: !ReadOnly && BindOptions.ReadOnlyForceRecursive");
        }
        if (options.readOnlyNonRecursive() && options.readOnlyForceRecursive()) {
            throw new InvalidParameter(
                    "mount options conflict: ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive");
        }
    }

    private static void checkVolume(Mount mount) {
        refuseExtra("BindOptions", mount.bindOptions());
        refuseExtra("ImageOptions", mount.imageOptions());
        refuseExtra("TmpfsOptions", mount.tmpfsOptions());
        String subpath =
                mount.volumeOptions() == null ? "" : text(mount.volumeOptions().subpath());
        if (!subpath.isEmpty() && mount.source().isEmpty()) {
            throw new InvalidParameter("must not set Subpath when using anonymous volumes");
        }
        checkSubpath(subpath);
    }

    private static void checkSubpath(String subpath) {
        refuseNul(subpath);
        if (!subpath.isEmpty() && !CleanPath.isLocal(subpath)) {
            throw new InvalidParameter("subpath must be a relative path within the volume");
        }
    }

    /**
     * Refuses a destination that is the root or no absolute path.
     *
     * @throws InvalidParameter in moby's words
     */
    public static void checkDestination(String destination) {
        refuseNul(destination);
        if (CleanPath.of(destination.replace('\\', '/')).equals("/")) {
            throw new InvalidParameter("invalid specification: destination can't be '/'");
        }
        checkAbsolute(destination);
    }

    /** moby takes a leading backslash for a slash here, and nowhere else: {@code \a/../../b} would lead up. */
    private static void checkAbsolute(String path) {
        if (!path.startsWith("/")) {
            throw new InvalidParameter("invalid mount path: '" + path + "' mount path must be absolute");
        }
    }

    private static void refuseNul(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new InvalidParameter("invalid mount path: contains NUL");
        }
    }

    private static void refuseExtra(String field, @Nullable Object value) {
        if (value != null) {
            throw new InvalidParameter("field " + field + " must not be specified");
        }
    }

    private static InvalidParameter missing(String field) {
        return new InvalidParameter("field " + field + " must not be empty");
    }

    /**
     * Reads one of HostConfig.VolumesFrom: {@code container[:mode]}.
     *
     * @throws InvalidParameter when it is none
     */
    public static VolumesFrom volumesFrom(String spec) {
        if (spec.isEmpty()) {
            throw new InvalidParameter("volumes-from specification cannot be an empty string");
        }
        int colon = spec.indexOf(':');
        String container = colon < 0 ? spec : spec.substring(0, colon);
        MountMode mode = new MountMode(colon < 0 ? "" : spec.substring(colon + 1));
        // These volumes travel and are filled as their first container has them.
        if (!mode.isValid() || mode.propagation().isPresent() || mode.forbidsCopy()) {
            throw invalidMode(mode.text());
        }
        return new VolumesFrom(container, mode.isWritable());
    }

    private static InvalidParameter invalidSpec(String raw) {
        return new InvalidParameter("invalid volume specification: '" + raw + "'");
    }

    private static InvalidParameter invalidMode(String mode) {
        return new InvalidParameter("invalid mode: " + mode);
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
