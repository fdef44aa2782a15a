package io.berth.buildkit;

/**
 * What a client logs in to a registry with.
 *
 * @param username empty for an identity token in the secret, or for no credential
 * @param secret a password or token
 */
public record Credential(String username, String secret) {
    /** Anonymous. */
    public static final Credential NONE = new Credential("", "");

    /** Whether there is none. */
    public boolean isNone() {
        return username.isEmpty() && secret.isEmpty();
    }

    @Override
    public String toString() {
        return "Credential[username=" + username + ", secret=***]";
    }
}
