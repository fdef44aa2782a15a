package io.berth.image.transfer;

import com.github.luben.zstd.Zstd;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.testregistry.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** An image made in memory: what a registry would hold of it. */
final class SampleImage {
    private static final int BLOCK = 512;

    private final List<byte[]> blobs = new ArrayList<>();
    private final List<Descriptor> layers = new ArrayList<>();
    private final List<Digest> diffIds = new ArrayList<>();
    private final String architecture;

    SampleImage(String architecture) {
        this.architecture = architecture;
    }

    /** Adds a layer with one file of random (incompressible) content. */
    SampleImage layer(String mediaType, String file, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(file.hashCode() + size).nextBytes(content);
        byte[] tar = tar(file, content);
        diffIds.add(Digest.sha256(tar));
        byte[] blob =
                switch (MediaType.layerCompression(mediaType)) {
                    case NONE -> tar;
                    case GZIP -> gzip(tar);
                    case ZSTD -> Zstd.compress(tar);
                };
        blobs.add(blob);
        layers.add(Descriptor.of(mediaType, Digest.sha256(blob), blob.length));
        return this;
    }

    static byte[] tar(String file, byte[] content) {
        byte[] header = new byte[BLOCK];
        put(header, 0, file);
        put(header, 100, "0000644");
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, "%011o".formatted(content.length));
        put(header, 136, "00000000000");
        put(header, 148, "        ");
        put(header, 156, "0");
        put(header, 257, "ustar");
        put(header, 263, "00");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header);
        out.writeBytes(Arrays.copyOf(content, (content.length + BLOCK - 1) / BLOCK * BLOCK));
        out.writeBytes(new byte[2 * BLOCK]);
        return out.toByteArray();
    }

    private static void put(byte[] header, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    List<Digest> diffIds() {
        return diffIds;
    }

    List<Descriptor> layers() {
        return layers;
    }

    byte[] blob(int layer) {
        return blobs.get(layer);
    }

    byte[] config() {
        return config(diffIds);
    }

    byte[] config(List<Digest> claimed) {
        return OciJson.MAPPER.writeValueAsBytes(Map.of(
                "architecture",
                architecture,
                "os",
                "linux",
                "config",
                Map.of("Cmd", List.of("/bin/sh")),
                "rootfs",
                Map.of("type", "layers", "diff_ids", claimed)));
    }

    Digest id() {
        return Digest.sha256(config());
    }

    byte[] manifest(String mediaType, byte[] config) {
        String configType = mediaType.equals(MediaType.OCI_MANIFEST) ? MediaType.OCI_CONFIG : MediaType.DOCKER_CONFIG;
        return OciJson.MAPPER.writeValueAsBytes(Map.of(
                "schemaVersion",
                2,
                "mediaType",
                mediaType,
                "config",
                Descriptor.of(configType, Digest.sha256(config), config.length),
                "layers",
                layers));
    }

    /** Puts everything into a registry and returns the manifest's digest. */
    Digest publish(TestRegistry registry, String repository, String tag, String manifestType) {
        blobs.forEach(blob -> registry.addBlob(repository, blob));
        registry.addBlob(repository, config());
        return registry.addManifest(repository, tag, manifestType, manifest(manifestType, config()));
    }
}
