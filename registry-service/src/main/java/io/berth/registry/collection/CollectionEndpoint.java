package io.berth.registry.collection;

import io.berth.registry.durability.StopSignal;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;

/**
 * Collection and scrub for the operator, at {@code /actuator/collection}; the gateway leads nobody there.
 *
 * <p>GET says what a collection would remove (a dry run): {@code {"manifests":0,"links":2,"blobs":1,"blobBytes":1048576,
 * "contents":0,"contentBytes":0}}. POST to {@code collection/run} collects and says what was removed, in the same form; POST to
 * {@code collection/scrub} reads all content again: {@code {"blobs":10,"damaged":0,"orphans":0}}. An empty answer means that
 * another thread or process is at it already.
 */
@Component
@Endpoint(id = "collection")
class CollectionEndpoint {
    private final Collector collector;
    private final Scrub scrub;

    CollectionEndpoint(Collector collector, Scrub scrub) {
        this.collector = collector;
        this.scrub = scrub;
    }

    @ReadOperation
    Removed dryRun() {
        return collector.estimate();
    }

    @WriteOperation
    @Nullable
    Object run(@Selector String work) throws IOException {
        Optional<?> done =
                switch (work) {
                    case "run" -> collector.collect(new StopSignal());
                    case "scrub" -> scrub.scrub(true, new StopSignal());
                    default ->
                        throw new InvalidEndpointRequestException("no such work: " + work, "run or scrub expected");
                };
        return done.orElse(null);
    }
}
