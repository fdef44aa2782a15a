package io.berth.registryclient;

/** A registry answered with a manifest of schema 1, which no engine of today reads. */
public final class DeprecatedManifest extends RegistryException {
    private static final long serialVersionUID = 1L;

    DeprecatedManifest() {
        super(0, "", describe(""), null);
    }

    /**
     * Docker's words (moby: distribution/errors.go).
     *
     * @param reference in full, such as {@code docker.io/library/busybox:1}
     */
    public static String of(String reference) {
        return describe(" Suggest the author of " + reference
                + " to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2.");
    }

    private static String describe(String advice) {
        return "Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed." + advice
                + " More information at https://docs.docker.com/go/deprecated-image-specs/";
    }
}
