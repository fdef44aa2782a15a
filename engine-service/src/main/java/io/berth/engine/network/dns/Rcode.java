package io.berth.engine.network.dns;

/** Response codes (RFC 1035 section 4.1.1; RFC 6891 section 9). */
enum Rcode {
    NO_ERROR(0),
    FORMAT_ERROR(1),
    SERVER_FAILURE(2),
    NOT_IMPLEMENTED(4),
    REFUSED(5),
    BAD_VERSION(16);

    private final int number;

    Rcode(int number) {
        this.number = number;
    }

    /** What goes into a message's header. */
    int lowBits() {
        return number & Wire.RCODE;
    }

    /** What goes into an OPT record: not 0 for BAD_VERSION alone, which only clients that sent such a record get. */
    int highBits() {
        return number >>> 4;
    }
}
