package io.berth.image.build.sbom;

import java.util.HashMap;
import java.util.Map;

/**
 * The distribution that files are of (os-release(5)).
 *
 * @param id such as {@code debian}; empty when nothing tells
 * @param version such as {@code 13}; may be empty
 */
record Distribution(String id, String version) {
    static final Distribution UNKNOWN = new Distribution("", "");

    /** Reads {@code os-release}. */
    static Distribution parse(String text) {
        Map<String, String> values = new HashMap<>();
        text.lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.put(line.substring(0, equals), line.substring(equals + 1).replaceAll("^['\"]|['\"]$", ""));
            }
        });
        return new Distribution(values.getOrDefault("ID", ""), values.getOrDefault("VERSION_ID", ""));
    }

    /** The qualifiers of a package of it. */
    Map<String, String> qualifiers(String architecture) {
        Map<String, String> qualifiers = new HashMap<>();
        if (!architecture.isEmpty()) {
            qualifiers.put("arch", architecture);
        }
        if (!id.isEmpty()) {
            qualifiers.put("distro", version.isEmpty() ? id : id + "-" + version);
        }
        return qualifiers;
    }
}
