package io.berth.gateway.access.decision;

import java.util.List;

/** Which project an image's name belongs to: the first component of its path, behind a registry's host. */
final class Repositories {
    private Repositories() {}

    /**
     * The first component of a reference's path, when there are several; empty for names of one component, as official images
     * have, and for digests.
     */
    static String owner(String reference) {
        int digest = reference.indexOf('@');
        String name = digest < 0 ? reference : reference.substring(0, digest);
        List<String> parts = List.of(name.split("/", -1));
        String first = parts.getFirst();
        boolean host = parts.size() > 1
                && (first.contains(".")
                        || first.contains(":")
                        || first.equals("localhost")
                        || first.chars().anyMatch(Character::isUpperCase));
        List<String> path = host ? parts.subList(1, parts.size()) : parts;
        return path.size() > 1 ? path.getFirst() : "";
    }
}
