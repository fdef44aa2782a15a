package io.berth.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The platform an image runs on (OCI image spec, image-index.md, "platform").
 *
 * <pre>{"architecture": "arm64", "os": "linux", "variant": "v8"}</pre>
 *
 * @param variant of the CPU, such as {@code v7}; null when the architecture has none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Platform(
        String architecture,
        String os,
        @JsonProperty("os.version") @Nullable String osVersion,
        @JsonProperty("os.features") @Nullable List<String> osFeatures,
        @Nullable String variant) {

    public Platform {
        osFeatures = osFeatures == null ? null : List.copyOf(osFeatures);
    }

    public static Platform of(String os, String architecture, @Nullable String variant) {
        return new Platform(architecture, os, null, null, variant);
    }

    /** The platform this JVM runs on. */
    public static Platform current() {
        String architecture =
                switch (System.getProperty("os.arch")) {
                    case "amd64", "x86_64" -> "amd64";
                    case "aarch64", "arm64" -> "arm64";
                    case String other -> other;
                };
        return of("linux", architecture, null);
    }

    /**
     * Parses what users write: {@code os/arch}, {@code os/arch/variant} or an architecture alone.
     *
     * @throws IllegalArgumentException for more than three parts or an empty one
     */
    public static Platform parse(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split("/", -1);
        for (String part : parts) {
            if (!part.matches("[a-z0-9_.-]+")) {
                throw new IllegalArgumentException("\"" + text + "\" is an invalid platform specifier");
            }
        }
        return switch (parts.length) {
            case 1 -> parts[0].equals("linux") ? current() : normalised("linux", parts[0], null);
            case 2 -> normalised(parts[0], parts[1], null);
            case 3 -> normalised(parts[0], parts[1], parts[2]);
            default -> throw new IllegalArgumentException("\"" + text + "\" is an invalid platform specifier");
        };
    }

    private static Platform normalised(String os, String architecture, @Nullable String variant) {
        return switch (architecture) {
            case "x86_64", "x86-64" -> of(os, "amd64", variant);
            case "aarch64" -> of(os, "arm64", "v8".equals(variant) ? null : variant);
            case "arm64" -> of(os, "arm64", "v8".equals(variant) ? null : variant);
            case "armhf" -> of(os, "arm", "v7");
            case "armel" -> of(os, "arm", "v6");
            case "i386", "i486", "i586", "i686" -> of(os, "386", variant);
            default -> of(os, architecture, variant);
        };
    }

    /** Whether an image for this platform serves a request for {@code wanted}. */
    public boolean serves(Platform wanted) {
        Platform have = normalised(os, architecture, variant);
        return have.os.equals(wanted.os)
                && have.architecture.equals(wanted.architecture)
                && (wanted.variant == null || wanted.variant.equals(have.variant));
    }

    /** {@code os/arch} or {@code os/arch/variant}. */
    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null || variant.isEmpty() ? "" : "/" + variant);
    }
}
