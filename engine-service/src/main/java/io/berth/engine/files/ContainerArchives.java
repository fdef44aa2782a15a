package io.berth.engine.files;

import io.berth.archive.ArchiveFormatException;
import io.berth.archive.Decompression;
import io.berth.archive.TarWriter;
import io.berth.archive.TreeArchiver;
import io.berth.archive.TreeExtractor;
import io.berth.docker.container.PathStat;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerEvents;
import io.berth.engine.container.LaunchPlan;
import io.berth.engine.runtime.ContainerFiles;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerTree;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.MountLaunch.ReadOnly;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Copies files out of containers and into them (moby: daemon/archive_unix.go). Everything is done through descriptors that
 * resolve inside the container, whatever its processes do to its links meanwhile; archives are unpacked in this process.
 */
@Component
public final class ContainerArchives {
    private static final int BUFFER = 64 * 1024;

    private final ContainerTrees trees;
    private final ContainerFiles files;
    private final LaunchPlan plan;
    private final ContainerEvents events;

    ContainerArchives(ContainerTrees trees, ContainerFiles files, LaunchPlan plan, ContainerEvents events) {
        this.trees = trees;
        this.files = files;
        this.plan = plan;
        this.events = events;
    }

    /** A container's path as a client named it; errors repeat both. */
    public record Place(Container container, String reference, String path) {}

    /** Is told what will come, and says where it is to go. */
    @FunctionalInterface
    public interface Receiver {
        OutputStream begin(PathStat stat) throws IOException;
    }

    /**
     * What is at a path.
     *
     * @throws NotFound when there is nothing
     */
    public PathStat stat(Place place) throws IOException {
        InnerPath path = InnerPath.parse(place.path());
        return trees.with(place.container(), tree -> path.describe(tree.root(), stat(place, path, tree)));
    }

    private static FileStat stat(Place place, InnerPath path, ContainerTree tree) {
        try {
            return path.stat(tree.root());
        } catch (SyscallException e) {
            throw refusal(place, e);
        }
    }

    /**
     * Writes the file or directory at a path as a tar archive.
     *
     * @throws NotFound when there is nothing
     * @throws IOException when it breaks off after the receiver has begun: the archive is then cut off
     */
    public void read(Place place, Receiver receiver) throws IOException {
        InnerPath path = InnerPath.parse(place.path());
        Object _ = trees.with(place.container(), tree -> {
            FileStat stat = stat(place, path, tree);
            PathStat described = path.describe(tree.root(), stat);
            events.publish(place.container(), "archive-path");
            OutputStream out = new BufferedOutputStream(receiver.begin(described), BUFFER);
            TarWriter tar = new TarWriter(out);
            write(tree, path, stat, TreeArchiver.of(tar, tree.isKernels(), tree::inside), described.name());
            tar.close(); // only now: an archive that breaks off must not look complete
            out.flush();
            return described;
        });
    }

    private static void write(ContainerTree tree, InnerPath path, FileStat stat, TreeArchiver archive, String name)
            throws IOException {
        try {
            if (stat.isDirectory()) {
                try (Directory directory = tree.root().openDirectory(path.absolute())) {
                    archive.add(directory, ".", name.equals("/") ? "" : name);
                }
                return;
            }
            int slash = path.absolute().lastIndexOf('/');
            try (Directory parent =
                    tree.root().openDirectory(slash == 0 ? "/" : path.absolute().substring(0, slash))) {
                archive.add(parent, name, name);
            }
        } catch (SyscallException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Unpacks an archive into a directory.
     *
     * @param keepKinds refuse to put a directory in the place of something else, or the other way round
     * @param copyOwner give the files to the user that the container runs as, instead of those that the archive says
     * @param body tar, plain or compressed
     * @throws NotFound when there is no such directory
     * @throws Forbidden when it is read-only
     * @throws InvalidParameter when it is no directory, or the archive is malformed; what came before stays
     */
    public void write(Place place, boolean keepKinds, boolean copyOwner, InputStream body) throws IOException {
        Object _ = trees.with(place.container(), tree -> {
            try {
                String target = target(place, tree.root());
                checkWritable(place.container(), target);
                InputStream archive = Decompression.of(new BufferedInputStream(body, BUFFER)).stream();
                extract(
                        tree,
                        new TreeExtractor(
                                tree.root(),
                                target.substring(1),
                                keepKinds,
                                copyOwner ? owner(place.container(), tree) : null,
                                tree::outside),
                        archive);
                // What follows the end of the archive is read too, so that the connection can be used again.
                archive.transferTo(OutputStream.nullOutputStream());
                return target;
            } catch (SyscallException e) {
                throw refusal(place, e);
            } catch (ArchiveFormatException | TreeExtractor.KindDiffers | IllegalArgumentException e) {
                throw new InvalidParameter(String.valueOf(e.getMessage()), e);
            }
        });
        events.publish(place.container(), "extract-to-dir");
    }

    private static void extract(ContainerTree tree, TreeExtractor extractor, InputStream archive) throws IOException {
        try {
            Object _ = tree.callAsRoot(() -> {
                try {
                    extractor.extract(archive);
                    return extractor;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The directory with all links followed: so an archive can go to a link that leads to one. */
    private static String target(Place place, Directory root) {
        String target = InnerPath.resolve(root, place.path());
        if (!root.statFollowing(target).isDirectory()) {
            throw new InvalidParameter("extraction point is not a directory");
        }
        return target;
    }

    private void checkWritable(Container container, String target) {
        ContainerLaunch launch = plan.ofStopped(container.snapshot().spec());
        Optional<MountLaunch> mount = launch.mounts().stream()
                .filter(candidate -> isBelow(target, candidate.target()))
                .max(Comparator.comparingInt(candidate -> candidate.target().length()));
        if (mount.isPresent() && isReadOnly(mount.get())) {
            throw new Forbidden("mounted volume is marked read-only");
        }
        if (mount.isEmpty() && launch.readonlyRoot()) {
            throw new Forbidden("container rootfs is marked read-only");
        }
    }

    private static boolean isBelow(String path, String directory) {
        String base = directory.endsWith("/") ? directory.substring(0, directory.length() - 1) : directory;
        return path.equals(base) || path.startsWith(base + "/");
    }

    private static boolean isReadOnly(MountLaunch mount) {
        return switch (mount) {
            case MountLaunch.Bind bind -> bind.readOnly() != ReadOnly.NO;
            case MountLaunch.Tmpfs tmpfs -> tmpfs.flags().contains("ro");
            case MountLaunch.Image _ -> true;
        };
    }

    private TreeExtractor.@Nullable Owner owner(Container container, ContainerTree tree) {
        String user = container.snapshot().spec().config().user();
        if (user.isEmpty()) {
            return null;
        }
        try {
            ContainerFiles.Owner owner = files.ownerOf(tree, user);
            return new TreeExtractor.Owner(owner.uid(), owner.gid());
        } catch (LaunchFailure e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
    }

    private static RuntimeException refusal(Place place, SyscallException e) {
        return switch (e.errno()) {
            case Errno.ENOENT ->
                new NotFound("Could not find the file " + place.path() + " in container " + place.reference(), e);
            case Errno.EROFS -> new Forbidden("mounted volume is marked read-only", e);
            case Errno.ENOTDIR, Errno.ELOOP, Errno.ENAMETOOLONG, Errno.EINVAL, Errno.EXDEV, Errno.EBUSY, Errno.EPERM ->
                new InvalidParameter(
                        "lstat " + place.path() + ": " + Errno.text(e.errno()).toLowerCase(Locale.ROOT), e);
            default -> new SystemFailure(String.valueOf(e.getMessage()), e);
        };
    }
}
