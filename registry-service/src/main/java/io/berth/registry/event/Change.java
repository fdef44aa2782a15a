package io.berth.registry.event;

/** What can happen to a repository's content, with the words of the audit log and of webhooks. */
public enum Change {
    BLOB_PUSH("blob.push"),
    BLOB_MOUNT("blob.mount"),
    BLOB_DELETE("blob.delete"),
    MANIFEST_PUSH("manifest.push"),
    MANIFEST_DELETE("manifest.delete"),
    TAG_DELETE("tag.delete");

    private final String word;

    Change(String word) {
        this.word = word;
    }

    /** Noun and verb: {@code manifest.push}. */
    public String word() {
        return word;
    }
}
