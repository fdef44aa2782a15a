package io.berth.image.build;

import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes package URLs (purl-spec): {@code pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS}. */
public final class PackageUrl {
    private PackageUrl() {}

    /** Of an image, as BuildKit writes it: the tag is its version, and the platform a qualifier. */
    public static String image(ImageReference reference, @Nullable Platform platform) {
        Map<String, String> qualifiers = new TreeMap<>();
        if (platform != null) {
            qualifiers.put("platform", platform.toString());
        }
        String tag = reference.tag();
        if (reference.digest() != null) {
            qualifiers.put("digest", reference.digest().toString());
        }
        return of("docker", reference.familiarName(), tag == null ? "" : tag, qualifiers);
    }

    /**
     * Any.
     *
     * @param name with its namespace in front, separated by slashes
     * @param version may be empty
     */
    public static String of(String type, String name, String version, Map<String, String> qualifiers) {
        StringBuilder text = new StringBuilder("pkg:").append(type);
        for (String part : name.split("/")) {
            text.append('/').append(encode(part));
        }
        if (!version.isEmpty()) {
            text.append('@').append(encode(version));
        }
        if (!qualifiers.isEmpty()) {
            text.append('?')
                    .append(new TreeMap<>(qualifiers)
                            .entrySet().stream()
                                    .map(entry -> entry.getKey() + "="
                                            + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8)
                                                    .replace("+", "%20"))
                                    .collect(Collectors.joining("&")));
        }
        return text.toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%3A", ":")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }
}
