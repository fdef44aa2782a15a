package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static io.berth.registry.TestRegistry.manifest;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.web.client.ResourceAccessException;

/**
 * Clients that push, pull and delete at random, each in a few repositories of its own and all with the same layers, and that
 * know at every moment what the registry has acknowledged. What an answer should not have been is an error; that no answer
 * came is one only where nobody kills the registry.
 */
final class Pushers {
    private static final int LAYERS = 12;
    private static final int TAGS = 3;

    private final TestRegistry registry;
    private final long seed;
    private final boolean killed;
    /** What each tag must answer. A tag that is missing may be in any state: a change of it got no answer. */
    private final ConcurrentMap<String, byte[]> acknowledged = new ConcurrentHashMap<>();

    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final AtomicLong pushes = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    /** @param killed whether the registry is killed now and then */
    Pushers(TestRegistry registry, long seed, boolean killed) {
        this.registry = registry;
        this.seed = seed;
        this.killed = killed;
    }

    void start(int count) {
        start(0, count);
    }

    /**
     * Starts some clients.
     *
     * @param first number of the first one's repository, which is this object's alone
     */
    void start(int first, int count) {
        stopping = false;
        for (int i = first; i < first + count; i++) {
            String repository = "soak/r" + i;
            Random random = new Random(seed + i + pushes.get());
            threads.add(Thread.ofVirtual().start(() -> work(repository, random)));
        }
    }

    /** Waits until all have ended what they are doing. */
    void stop() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
        threads.clear();
    }

    long pushes() {
        return pushes.get();
    }

    List<String> errors() {
        return List.copyOf(errors);
    }

    private void work(String repository, Random random) {
        while (!stopping) {
            String tag = repository + "/manifests/t" + random.nextInt(TAGS);
            byte[] before = acknowledged.remove(tag);
            try {
                int what = random.nextInt(10);
                if (what < 6 || before == null) {
                    byte[] pushed = push(repository, tag, random);
                    acknowledged.put(tag, pushed);
                    pushes.incrementAndGet();
                } else if (what < 8) {
                    check(tag, before);
                    acknowledged.put(tag, before);
                } else if (what < 9) {
                    expect(registry.delete("/v2/" + tag), 202, tag);
                } else {
                    deleteManifest(repository, before);
                }
            } catch (ResourceAccessException e) {
                if (!killed) {
                    errors.add(tag + ": " + e);
                }
                return; // killed
            } catch (RuntimeException | AssertionError e) {
                errors.add(tag + ": " + e);
                return;
            }
        }
    }

    /** With the manifest go all tags of it. */
    private void deleteManifest(String repository, byte[] manifest) {
        acknowledged.forEach((tag, content) -> {
            if (tag.startsWith(repository + "/") && Arrays.equals(content, manifest)) {
                acknowledged.remove(tag);
            }
        });
        expect(registry.delete("/v2/" + repository + "/manifests/" + Digest.sha256(manifest)), 202, repository);
    }

    private byte[] push(String repository, String tag, Random random) {
        byte[] layer = layer(random.nextInt(LAYERS));
        Digest digest = Digest.sha256(layer);
        // As clients do: what is there is not sent again, what another repository has is mounted.
        if (registry.head("/v2/" + repository + "/blobs/" + digest).status() != 200) {
            String other = "soak/r" + random.nextInt(4);
            Answer mounted = registry.post("/v2/" + repository + "/blobs/uploads/?mount=" + digest + "&from=" + other);
            if (mounted.status() == 202) {
                upload(mounted.header("Location"), layer, digest);
            } else {
                expect(mounted, 201, "mount");
            }
        }
        byte[] manifest = manifest(digest, layer.length, ",\"annotations\":{\"n\":\"" + random.nextInt(1000) + "\"}");
        expect(registry.put("/v2/" + tag, MediaType.OCI_MANIFEST, manifest), 201, tag);
        return manifest;
    }

    private void upload(String location, byte[] layer, Digest digest) {
        int half = layer.length / 2;
        expect(
                registry.send(
                        "PATCH",
                        location,
                        Map.of("Content-Range", "0-" + (half - 1)),
                        Arrays.copyOfRange(layer, 0, half)),
                202,
                location);
        expect(
                registry.send(
                        "PUT",
                        location + "?digest=" + digest,
                        Map.of("Content-Range", half + "-" + (layer.length - 1)),
                        Arrays.copyOfRange(layer, half, layer.length)),
                201,
                location);
    }

    private static byte[] layer(int number) {
        return bytes(("layer " + number + " ").repeat(2000 + number));
    }

    private void check(String tag, byte[] manifest) {
        Answer answer = registry.get("/v2/" + tag);
        expect(answer, 200, tag);
        if (!Arrays.equals(answer.body(), manifest)) {
            throw new AssertionError("another manifest: " + answer.text());
        }
        String text = answer.text();
        int at = text.indexOf("\"digest\":\"") + 10;
        Digest layer = Digest.parse(text.substring(at, text.indexOf('"', at)));
        String repository = tag.substring(0, tag.indexOf("/manifests/"));
        Answer blob = registry.get("/v2/" + repository + "/blobs/" + layer);
        expect(blob, 200, repository + " " + layer);
        if (!Digest.sha256(blob.body()).equals(layer)) {
            throw new AssertionError("blob is not what its digest says: " + layer);
        }
    }

    /** Pulls everything that was acknowledged. */
    void checkAll() {
        acknowledged.forEach(this::check);
    }

    /** Forgets everything, and has the registry forget it. */
    void deleteAll() {
        for (String tag : List.copyOf(acknowledged.keySet())) {
            String repository = tag.substring(0, tag.indexOf("/manifests/"));
            byte[] manifest = acknowledged.remove(tag);
            if (manifest != null) {
                registry.delete("/v2/" + repository + "/manifests/" + Digest.sha256(manifest));
            }
        }
    }

    private static void expect(Answer answer, int status, String what) {
        if (answer.status() != status) {
            throw new AssertionError(what + ": " + answer.status() + " " + answer.text());
        }
    }
}
