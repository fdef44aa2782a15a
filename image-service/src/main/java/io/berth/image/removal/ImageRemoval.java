package io.berth.image.removal;

import io.berth.docker.error.Conflict;
import io.berth.docker.image.DeleteResponseItem;
import io.berth.image.event.ImageEvents;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.PlatformImages;
import io.berth.node.EngineNode.ImageUser;
import io.berth.oci.ChainId;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Deletes images as Docker does (moby: daemon/images/image_delete.go): by name it takes the name away and deletes the image
 * with its last one, by id it deletes the image if that is not ambiguous; an image that a container uses stays, or with
 * force loses its names and goes with the last container.
 */
@Component
public final class ImageRemoval {
    private final ImageStore images;
    private final PlatformImages platformImages;
    private final ImageUsers users;
    private final Collector collector;
    private final ImageEvents events;

    ImageRemoval(
            ImageStore images,
            PlatformImages platformImages,
            ImageUsers users,
            Collector collector,
            ImageEvents events) {
        this.images = images;
        this.platformImages = platformImages;
        this.users = users;
        this.collector = collector;
        this.events = events;
    }

    /**
     * Deletes what the text names.
     *
     * @param platforms which of those that are here to delete; empty for all. Names stay while a platform is left
     * @return what was done, in order
     * @throws DeleteConflict when a container or another name is in the way
     * @throws io.berth.docker.error.Unavailable when the engine cannot be asked; nothing was done then
     */
    public List<DeleteResponseItem> delete(String text, List<Platform> platforms, boolean force) {
        Image image = images.resolve(text);
        List<Image> others = image.isNameless()
                ? List.of()
                : platformImages.others(image).stream()
                        .filter(Image::isNameless)
                        .toList();
        List<Image> all = Stream.concat(Stream.of(image), others.stream()).toList();
        List<Image> going = all.stream().filter(one -> one.servesAny(platforms)).toList();
        if (going.isEmpty()) {
            Image _ = platformImages.resolve(text, platforms); // is refused, in Docker's words
        }
        if (going.size() < all.size()) {
            return deletePlatforms(image, others, going, force);
        }
        List<DeleteResponseItem> done = new ArrayList<>();
        deleteAll(image, text, force, done);
        tell(image, done);
        if (images.find(image.id()).isEmpty()) {
            others.forEach(other -> done.addAll(deleteLeft(other)));
        }
        return List.copyOf(done);
    }

    private void deleteAll(Image image, String text, boolean force, List<DeleteResponseItem> done) {
        List<ImageUser> containers = users.of(image.id());
        if (!image.hasIdThatBegins(text)) {
            deleteByName(image, text, force, containers, done);
        } else {
            if (isSingleReference(names(image))) {
                refuseIfUsed(image, force, containers, false);
                List<ImageReference> names = names(image);
                images.removeReferences(names);
                names.forEach(name -> done.add(DeleteResponseItem.untagged(name.familiar())));
            }
            deleteWhole(image.id(), force, containers, done);
        }
    }

    /** The names go over to a platform that stays. */
    private List<DeleteResponseItem> deletePlatforms(
            Image image, List<Image> others, List<Image> going, boolean force) {
        for (Image one : going) {
            refuseIfUsed(one, force, users.of(one.id()), false);
        }
        if (going.contains(image)) {
            Image staying = others.stream()
                    .filter(other -> !going.contains(other))
                    .findFirst()
                    .orElseThrow();
            names(image).forEach(name -> images.addReference(staying.id(), name));
        }
        List<DeleteResponseItem> done = new ArrayList<>();
        for (Image one : going) {
            List<DeleteResponseItem> ofThis = new ArrayList<>();
            deleteWhole(one.id(), force, users.of(one.id()), ofThis);
            tell(one, ofThis);
            done.addAll(ofThis);
        }
        return List.copyOf(done);
    }

    /** Deletes a platform that was there beside another one, unless a container uses it or it has a name. */
    private List<DeleteResponseItem> deleteLeft(Image image) {
        Optional<Image> left = images.find(image.id()).filter(Image::isNameless);
        List<DeleteResponseItem> done = new ArrayList<>();
        if (left.isPresent()
                && !platformImages.isBesideANamedOne(left.get())
                && users.of(image.id()).isEmpty()) {
            deleteWhole(image.id(), false, List.of(), done);
            tell(image, done);
        }
        return done;
    }

    /** Docker tells of the image's id only, also for a name that was taken from it. */
    private void tell(Image image, List<DeleteResponseItem> done) {
        String id = image.id().toString();
        for (DeleteResponseItem item : done) {
            if (item.untagged() != null) {
                events.publish("untag", image, id);
            } else if (id.equals(item.deleted())) {
                events.publish("delete", image, id);
            }
        }
    }

    private void deleteByName(
            Image image, String text, boolean force, List<ImageUser> containers, List<DeleteResponseItem> done) {
        if (!force && isSingleReference(names(image)) && !containers.isEmpty()) {
            throw DeleteConflict.reference(text, containers.getFirst().containerId(), image.id());
        }
        ImageReference name = nameOf(image, text);
        List<ImageReference> going = new ArrayList<>(List.of(name));
        if (name.digest() == null) {
            // With the last tag of a repository its digests go too.
            boolean lastTag = image.tags().stream()
                    .noneMatch(tag -> !tag.equals(name) && tag.repository().equals(name.repository()));
            if (lastTag) {
                image.digests().stream()
                        .filter(digest -> digest.repository().equals(name.repository()))
                        .forEach(going::add);
            }
        }
        images.removeReferences(going);
        going.forEach(gone -> done.add(DeleteResponseItem.untagged(gone.familiar())));
        if (going.size() < names(image).size()) {
            return;
        }
        try {
            deleteWhole(image.id(), force, containers, done);
        } catch (DeleteConflict e) {
            if (!e.used()) {
                throw e;
            }
            // The name is gone, which is what was asked for; the image stays for its containers.
        }
    }

    private void deleteWhole(Digest id, boolean force, List<ImageUser> containers, List<DeleteResponseItem> done) {
        Image image = images.get(id);
        refuseIfUsed(image, force, containers, true);
        List<ImageReference> names = names(image);
        List<Digest> chains = chainsOfThisAlone(image);
        if (!images.retire(id, names)) {
            throw new Conflict("image " + id.shortHex() + " has been tagged meanwhile");
        }
        names.forEach(name -> done.add(DeleteResponseItem.untagged(name.familiar())));
        done.add(DeleteResponseItem.deleted(id.toString()));
        if (containers.isEmpty()) {
            chains.forEach(chain -> done.add(DeleteResponseItem.deleted(chain.toString())));
        }
        collector.collect();
    }

    /** Running containers always stand in the way; stopped ones and several names only without force. */
    private static void refuseIfUsed(Image image, boolean force, List<ImageUser> containers, boolean countNames) {
        Optional<ImageUser> running =
                containers.stream().filter(ImageUser::running).findFirst();
        if (running.isPresent()) {
            throw DeleteConflict.running(image.id(), running.get().containerId());
        }
        if (force) {
            return;
        }
        if (countNames && !names(image).isEmpty()) {
            throw DeleteConflict.referenced(image.id());
        }
        if (!containers.isEmpty()) {
            throw DeleteConflict.stopped(image.id(), containers.getFirst().containerId());
        }
    }

    private static List<ImageReference> names(Image image) {
        List<ImageReference> names = new ArrayList<>(image.tags());
        names.addAll(image.digests());
        return names;
    }

    private static ImageReference nameOf(Image image, String text) {
        ImageReference reference = ImageReference.parse(text).withDefaultTag();
        Digest digest = reference.digest();
        if (digest == null) {
            return reference;
        }
        ImageReference byDigest = reference.withDigest(digest);
        return image.digests().contains(byDigest) ? byDigest : image.tags().getFirst();
    }

    /** At most one tag, and everything in one repository. */
    private static boolean isSingleReference(List<ImageReference> names) {
        long tags = names.stream().filter(name -> name.tag() != null).count();
        return tags <= 1
                && names.stream().map(ImageReference::repository).distinct().count() <= 1;
    }

    /** Chain ids, top first, that no other image has: Docker reports them as deleted layers. */
    private List<Digest> chainsOfThisAlone(Image image) {
        Set<Digest> others = new HashSet<>();
        images.list().stream()
                .filter(other -> !other.id().equals(image.id()))
                .forEach(other -> others.addAll(ChainId.of(other.diffIds())));
        return ChainId.of(image.diffIds()).reversed().stream()
                .filter(chain -> !others.contains(chain))
                .toList();
    }
}
