package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.secret.SecretFiles;
import io.berth.engine.secret.SecretFiles.PlacedFile;
import io.berth.node.BuildStep;
import io.berth.node.BuildStep.StepMount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;

/** What commands of builds have mounted. */
@Component
final class BuildStepMounts {
    private final SecretFiles secrets;

    BuildStepMounts(SecretFiles secrets) {
        this.secrets = secrets;
    }

    /**
     * The mounts, a parent before what is below it. Files that are in memory only are written until {@link #clear}.
     *
     * @throws InvalidParameter when one is wrong
     */
    List<MountLaunch> place(BuildStep step) {
        List<StepMount> ordered = step.mounts().stream()
                .sorted(Comparator.comparingInt(mount -> Path.of(mount.target()).getNameCount()))
                .toList();
        List<StepMount> files = files(ordered);
        List<Path> placed = secrets.place(
                step.id(), files.stream().map(BuildStepMounts::file).toList());
        List<MountLaunch> launches = new ArrayList<>();
        for (StepMount mount : ordered) {
            launches.add(
                    switch (mount.type()) {
                        case BIND -> bind(mount, source(mount), !mount.readOnly());
                        case LAYERS ->
                            new MountLaunch.Image(
                                    mount.target(),
                                    mount.layers().stream().map(Path::of).toList(),
                                    mount.subpath());
                        case MEMORY ->
                            new MountLaunch.Tmpfs(
                                    mount.target(),
                                    mount.sizeBytes(),
                                    mount.mode(),
                                    Set.of("nosuid", "nodev"),
                                    List.of());
                        case FILE -> bind(mount, placed.get(files.indexOf(mount)), false);
                    });
        }
        return launches;
    }

    /** The command runs, or could not be started. */
    void clear(BuildStep step) {
        if (!files(step.mounts()).isEmpty()) {
            secrets.clear(step.id());
        }
    }

    private static List<StepMount> files(List<StepMount> mounts) {
        return mounts.stream()
                .filter(mount -> mount.type() == StepMount.Type.FILE)
                .toList();
    }

    private static PlacedFile file(StepMount mount) {
        try {
            String content = mount.content();
            return new PlacedFile(
                    content == null ? new byte[0] : Base64.getDecoder().decode(content),
                    mount.mode(),
                    mount.uid(),
                    mount.gid());
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter("the content of a mounted file is not base64", e);
        }
    }

    private static Path source(StepMount mount) {
        String source = mount.source();
        if (source == null || !source.startsWith("/")) {
            throw new InvalidParameter("a bind mount needs an absolute path as its source");
        }
        return Path.of(source);
    }

    private static MountLaunch bind(StepMount mount, Path source, boolean writable) {
        return new MountLaunch.Bind(
                source,
                mount.subpath(),
                mount.target(),
                false,
                writable ? MountLaunch.ReadOnly.NO : MountLaunch.ReadOnly.TOP,
                MountLaunch.Propagation.PRIVATE);
    }
}
