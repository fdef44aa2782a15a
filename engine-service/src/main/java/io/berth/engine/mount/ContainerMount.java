package io.berth.engine.mount;

import io.berth.docker.container.MountPoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that a container has mounted, settled at create and kept with the container. Immutable.
 *
 * @param type {@code bind}, {@code volume}, {@code tmpfs} or {@code image}
 * @param name of the volume, or the image as the user wrote it; else empty
 * @param source a path of the host; empty for tmpfs and image
 * @param destination absolute path inside the container, clean
 * @param driver of a volume, else empty
 * @param mode options as the user wrote them; of a named volume without any, Docker's {@code z}
 * @param propagation or empty for the default, which is {@code rprivate}
 * @param subpath below the source, relative; empty for the source itself
 * @param copy whether an empty volume is filled with what the image has at the destination
 * @param anonymous whether nobody has named the volume: it goes with its container when that is asked for
 * @param bind further options of a bind mount
 * @param tmpfsOptions as in fstab(5)
 * @param image of an image mount, else null
 */
public record ContainerMount(
        String type,
        String name,
        String source,
        String destination,
        String driver,
        String mode,
        boolean writable,
        String propagation,
        String subpath,
        boolean copy,
        boolean anonymous,
        BindChoice bind,
        String tmpfsOptions,
        @Nullable ImageSource image) {

    public static final String BIND = "bind";
    public static final String VOLUME = "volume";
    public static final String TMPFS = "tmpfs";
    public static final String IMAGE = "image";

    /**
     * @param nonRecursive without the mounts below the source
     * @param readOnlyNonRecursive mounts below stay writable
     * @param readOnlyForceRecursive mounts below are read-only, or the container does not start
     * @param createSource makes a directory of a source that does not exist
     */
    public record BindChoice(
            boolean nonRecursive, boolean readOnlyNonRecursive, boolean readOnlyForceRecursive, boolean createSource) {
        /** Docker's defaults for mounts. */
        public static final BindChoice DEFAULT = new BindChoice(false, false, false, false);
    }

    /**
     * @param id digest of the image's configuration
     * @param layers directories of its layers, bottom first
     */
    public record ImageSource(String id, List<String> layers) {
        public ImageSource {
            layers = List.copyOf(layers);
        }
    }

    public boolean mountsVolume() {
        return type.equals(VOLUME);
    }

    public boolean bindsPath() {
        return type.equals(BIND);
    }

    /** A volume without a name of its own, for what an image or a user wants kept apart. */
    public static ContainerMount anonymousVolume(String destination) {
        return new ContainerMount(
                VOLUME,
                "",
                "",
                CleanPath.of(destination),
                "",
                "",
                true,
                "",
                "",
                true,
                true,
                BindChoice.DEFAULT,
                "",
                null);
    }

    /** The same once its volume exists. */
    public ContainerMount withVolume(String volume, String path, String volumeDriver, String effectiveMode) {
        return new ContainerMount(
                type,
                volume,
                path,
                destination,
                volumeDriver,
                effectiveMode,
                writable,
                propagation,
                subpath,
                copy,
                anonymous,
                bind,
                tmpfsOptions,
                image);
    }

    /** The same once its image is resolved. */
    public ContainerMount withImage(ImageSource resolved) {
        return new ContainerMount(
                type,
                source,
                "",
                destination,
                driver,
                mode,
                false,
                propagation,
                subpath,
                false,
                anonymous,
                bind,
                tmpfsOptions,
                resolved);
    }

    /** The same, read-only below the mount itself only as far as older clients expect: not at all. */
    public ContainerMount readOnlyAtTop() {
        return new ContainerMount(
                type,
                name,
                source,
                destination,
                driver,
                mode,
                writable,
                propagation,
                subpath,
                copy,
                anonymous,
                new BindChoice(bind.nonRecursive(), true, bind.readOnlyForceRecursive(), bind.createSource()),
                tmpfsOptions,
                image);
    }

    /** The same as another container has it that takes it over. */
    public ContainerMount shared(boolean stillWritable) {
        return new ContainerMount(
                type,
                name,
                source,
                destination,
                driver,
                "",
                writable && stillWritable,
                propagation,
                subpath,
                false,
                anonymous,
                bind,
                tmpfsOptions,
                image);
    }

    /** As inspect and list show it. */
    public MountPoint point() {
        return new MountPoint(type, name, source, destination, driver, mode, writable, propagation);
    }
}
