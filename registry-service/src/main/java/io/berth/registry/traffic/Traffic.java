package io.berth.registry.traffic;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.springframework.stereotype.Component;

/**
 * Counts content that comes and goes ({@code berth.registry.bytes}) and manifests that were in memory or not ({@code
 * berth.registry.manifest.cache}); requests are counted by {@code http.server.requests} as in every service. Thread-safe.
 */
@Component
public class Traffic {
    private final Counter blobsSent;
    private final Counter blobsReceived;
    private final Counter manifestsSent;
    private final Counter manifestsReceived;
    private final Counter cacheHits;
    private final Counter cacheMisses;

    public Traffic(MeterRegistry meters) {
        blobsSent = bytes(meters, "blob", "sent");
        blobsReceived = bytes(meters, "blob", "received");
        manifestsSent = bytes(meters, "manifest", "sent");
        manifestsReceived = bytes(meters, "manifest", "received");
        cacheHits = cache(meters, "hit");
        cacheMisses = cache(meters, "miss");
    }

    private static Counter bytes(MeterRegistry meters, String content, String direction) {
        return Counter.builder("berth.registry.bytes")
                .description("content that was sent to clients or received from them")
                .baseUnit("bytes")
                .tag("content", content)
                .tag("direction", direction)
                .register(meters);
    }

    private static Counter cache(MeterRegistry meters, String result) {
        return Counter.builder("berth.registry.manifest.cache")
                .description("manifests that were served from memory, and those that were not there")
                .tag("result", result)
                .register(meters);
    }

    /** A blob, or this many bytes of it, is being sent. */
    public void blobSent(long bytes) {
        blobsSent.increment((double) bytes);
    }

    /** The body of a push; its bytes count as they are read. */
    public InputStream blobReceived(InputStream body) {
        return new Counted(body);
    }

    /** A manifest is being sent. */
    public void manifestSent(long bytes) {
        manifestsSent.increment((double) bytes);
    }

    /** A manifest has come. */
    public void manifestReceived(long bytes) {
        manifestsReceived.increment((double) bytes);
    }

    /** A manifest was asked for. */
    public void manifestCached(boolean hit) {
        (hit ? cacheHits : cacheMisses).increment();
    }

    private final class Counted extends FilterInputStream {
        Counted(InputStream body) {
            super(body);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            if (read >= 0) {
                blobsReceived.increment();
            }
            return read;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            if (read > 0) {
                blobsReceived.increment(read);
            }
            return read;
        }
    }
}
