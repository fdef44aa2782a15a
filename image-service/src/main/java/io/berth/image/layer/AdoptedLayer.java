package io.berth.image.layer;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * A directory that has become a layer: its files can be used at once, its digests are known when it has been archived.
 *
 * @param directory absolute; where its files are for as long as {@link #layer} is not done, and afterwards until the layer is let go
 * @param layer fails with what went wrong; its directory is another one when a layer of the same content was there already
 */
public record AdoptedLayer(Path directory, CompletableFuture<Layer> layer) {
    /** Of a layer that is there. */
    public static AdoptedLayer of(Layer layer) {
        return new AdoptedLayer(layer.directory(), CompletableFuture.completedFuture(layer));
    }
}
