package io.berth.gateway.resilience;

/** Why a caller gets no place. */
public enum Shortage {
    /** The caller has all that one may have. */
    OWN_SHARE(429, "too many %s of this client are open"),
    /** All that is not kept for operators is taken by others. */
    ALL_TAKEN(503, "too many %s are open");

    private final int status;
    private final String message;

    Shortage(int status, String message) {
        this.status = status;
        this.message = message;
    }

    /** Of the answer. */
    public int status() {
        return status;
    }

    /** What clients are told. */
    public String message(String kind) {
        return message.formatted(kind);
    }
}
