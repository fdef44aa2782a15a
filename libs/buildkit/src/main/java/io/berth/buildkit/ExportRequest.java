package io.berth.buildkit;

import io.berth.json.Frozen;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a result is to go ({@code docker buildx build --output}).
 *
 * @param id the export's number in its build, from 0; what the client tells streams of files apart by
 * @param type what is made
 * @param attributes the exporter's options: {@code name} (comma-separated references), {@code push}, {@code dest},
 *     {@code compression}, {@code annotation.…}, {@code rewrite-timestamp}, …
 */
public record ExportRequest(int id, Type type, Map<String, String> attributes) {
    /** The exporters of BuildKit (moby/buildkit: client/exporters.go) and dockerd's own. */
    public enum Type {
        /** Into the engine's images: what the docker driver asks for by default. */
        MOBY("moby"),
        /** Into the engine's images, and with {@code push=true} to a registry. */
        IMAGE("image"),
        /** An archive as {@code docker save} makes it, by {@link ClientSession#sendFile}. */
        DOCKER("docker"),
        /** An archive in the OCI layout, or with {@code tar=false} its tree by {@link ClientSession#sendTree}. */
        OCI("oci"),
        /** The file system as one archive, by {@link ClientSession#sendFile}. */
        TAR("tar"),
        /** The file system as files, by {@link ClientSession#sendTree}. */
        LOCAL("local"),
        /** Nothing but cache. */
        CACHE_ONLY("cacheonly");

        private final String word;

        Type(String word) {
            this.word = word;
        }

        /** BuildKit's word. */
        public String word() {
            return word;
        }

        /** The exporter of BuildKit's word, or null when there is no such one. */
        public static @Nullable Type of(String word) {
            for (Type type : values()) {
                if (type.word.equals(word)) {
                    return type;
                }
            }
            return null;
        }
    }

    public ExportRequest {
        attributes = Frozen.map(attributes);
    }
}
