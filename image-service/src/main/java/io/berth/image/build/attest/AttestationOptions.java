package io.berth.image.build.attest;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants attested: BuildKit's {@code attest:provenance} and {@code attest:sbom} (BuildKit:
 * docs/attestations/slsa-provenance.md, sbom.md), such as {@code type=provenance,mode=max}.
 *
 * <p>What clients ask for by themselves, without their users having said so ({@code inline-only=true}), is not wanted: a plain build
 * gives a plain image.
 *
 * @param provenance null for none
 * @param sbom the name of the file that a bill of materials goes to where files are exported; null for none
 */
public record AttestationOptions(
        @Nullable Provenance provenance, @Nullable String sbom) {
    /** Nothing is attested. */
    public static final AttestationOptions NONE = new AttestationOptions(null, null);

    /** The versions of SLSA's predicate. */
    public enum Version {
        /** {@code https://slsa.dev/provenance/v0.2}, the one of BuildKit of this time. */
        V0_2("https://slsa.dev/provenance/v0.2"),
        /** {@code https://slsa.dev/provenance/v1}. */
        V1("https://slsa.dev/provenance/v1");

        private final String predicateType;

        Version(String predicateType) {
            this.predicateType = predicateType;
        }

        /** The URI that names it. */
        public String predicateType() {
            return predicateType;
        }
    }

    /**
     * Options of a provenance.
     *
     * @param max whether arguments, secrets' names and the Dockerfile are told, too
     * @param builderId who built, a URI; may be empty
     * @param reproducible what the user says of the build
     * @param filename where files are exported
     */
    public record Provenance(boolean max, Version version, String builderId, boolean reproducible, String filename) {}

    /** Whether nothing is to be attested. */
    public boolean isEmpty() {
        return provenance == null && sbom == null;
    }

    /**
     * Reads the frontend's attributes.
     *
     * @param attributes behind {@code attest:}, such as {@code provenance → type=provenance,mode=max}
     * @throws InvalidParameter for a type or value that there is not
     * @throws NotImplemented for a scanner in an image, which is not run
     */
    public static AttestationOptions parse(Map<String, String> attributes) {
        @Nullable Provenance provenance = null;
        @Nullable String sbom = null;
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            Map<String, String> fields = fields(attribute.getValue());
            boolean wanted = !flag(fields, "disabled") && !flag(fields, "inline-only");
            switch (attribute.getKey()) {
                case "provenance" -> provenance = wanted ? provenance(fields) : null;
                case "sbom" -> sbom = wanted ? sbom(fields) : null;
                default -> throw new InvalidParameter("unknown attestation type \"" + attribute.getKey() + "\"");
            }
        }
        return new AttestationOptions(provenance, sbom);
    }

    private static Map<String, String> fields(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : text.isEmpty() ? new String[0] : text.split(",")) {
            int equals = field.indexOf('=');
            String name = (equals < 0 ? field : field.substring(0, equals)).strip();
            fields.put(name.toLowerCase(Locale.ROOT), equals < 0 ? "true" : field.substring(equals + 1));
        }
        return fields;
    }

    private static boolean flag(Map<String, String> fields, String name) {
        String value = fields.getOrDefault(name, "false");
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "1", "t" -> true;
            case "false", "0", "f", "" -> false;
            default -> throw new InvalidParameter("invalid value of " + name + " of an attestation: " + value);
        };
    }

    private static Provenance provenance(Map<String, String> fields) {
        String mode = fields.getOrDefault("mode", "min");
        if (!mode.equals("min") && !mode.equals("max")) {
            throw new InvalidParameter("invalid mode \"" + mode + "\" of provenance (expected: min or max)");
        }
        Version version =
                switch (fields.getOrDefault("version", "v0.2")) {
                    case "v0.2", "0.2" -> Version.V0_2;
                    case "v1", "1", "v1.0" -> Version.V1;
                    case String other ->
                        throw new InvalidParameter(
                                "invalid version \"" + other + "\" of provenance (expected: v0.2 or v1)");
                };
        return new Provenance(
                mode.equals("max"),
                version,
                fields.getOrDefault("builder-id", ""),
                flag(fields, "reproducible"),
                filename(fields, "provenance.json"));
    }

    private static String sbom(Map<String, String> fields) {
        String generator = fields.getOrDefault("generator", "");
        if (!generator.isEmpty()) {
            throw new NotImplemented("sbom generator " + generator
                    + " is not supported: no scanner's image is run, files are scanned by the builder itself");
        }
        return filename(fields, "sbom.spdx.json");
    }

    /** A name in the root of what is exported. */
    private static String filename(Map<String, String> fields, String byDefault) {
        String name = fields.getOrDefault("filename", byDefault);
        if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}")) {
            throw new InvalidParameter("invalid filename of an attestation: " + name);
        }
        return name;
    }
}
