package io.berth.image.caller;

import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Bearer;
import io.berth.image.lease.Lease;
import io.berth.image.lease.Leases;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.oci.Digest;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Opens leases for what callers do: one may use the content of the images that its caller sees, and what it brings. Thread-safe. */
@Component
public final class CallerLeases {
    private final Leases leases;
    private final ImageStore images;
    private final LayerStore layers;

    CallerLeases(Leases leases, ImageStore images, LayerStore layers) {
        this.leases = leases;
        this.images = images;
        this.layers = layers;
    }

    /** A new lease that holds nothing. */
    public Lease open(Caller caller) {
        return caller.restricted()
                ? leases.open(new Bearer(caller.project(), blob -> sees(caller, blob)))
                : leases.open();
    }

    private boolean sees(Caller caller, Digest blob) {
        return images.list().stream().anyMatch(image -> has(image, blob) && !caller.hides(image));
    }

    private boolean has(Image image, Digest blob) {
        return image.id().equals(blob)
                || image.manifest().digest().equals(blob)
                || image.layers().stream().anyMatch(layer -> layer.digest().equals(blob))
                || image.diffIds().stream()
                        .map(layers::find)
                        .flatMap(Optional::stream)
                        .map(Layer::blob)
                        .anyMatch(own -> own.digest().equals(blob));
    }
}
